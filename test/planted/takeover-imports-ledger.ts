// at src/takeover/takeover-imports-ledger.ts
// expects lint/style/noRestrictedImports
import { openLedger } from "../store/write/ledger.ts";

export const leak = openLedger;
