// at src/http/http-imports-main.ts
// expects lint/style/noRestrictedImports
import { main } from "../main.ts";

export const leak = main;
