// at src/names/names-import-http.ts
// expects lint/style/noRestrictedImports
import { HttpProblem } from "../http/errors.ts";

export const leak = HttpProblem;
