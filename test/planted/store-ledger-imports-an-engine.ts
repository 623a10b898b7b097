// at src/store/write/store-ledger-imports-an-engine.ts
// expects lint/style/noRestrictedImports
import { openSqliteEngine } from "../engine/sqlite.ts";

export const leak = openSqliteEngine;
