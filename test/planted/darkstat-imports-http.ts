// at src/meters/darkstat/darkstat-imports-http.ts
// expects lint/style/noRestrictedImports
import { get } from "node:http";

export const leak = get;
