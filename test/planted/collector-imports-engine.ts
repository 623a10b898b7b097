// at src/collector/collector-imports-engine.ts
// expects lint/style/noRestrictedImports
import { openSqliteStore } from "../store/sqlite.ts";

export const leak = openSqliteStore;
