// at src/store/read/store-question-imports-ledger.ts
// expects lint/style/noRestrictedImports
import { openLedger } from "../write/ledger.ts";

export const leak = openLedger;
