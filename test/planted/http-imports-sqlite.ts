// at src/http/http-imports-sqlite.ts
// expects lint/style/noRestrictedImports
import { DatabaseSync } from "node:sqlite";

export const leak = DatabaseSync;
