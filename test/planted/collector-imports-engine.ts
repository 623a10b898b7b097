// at src/collector/collector-imports-engine.ts
// expects lint/style/noRestrictedImports
import { openSqliteStore } from "../store/sqlite-store.ts";

export const leak = openSqliteStore;
