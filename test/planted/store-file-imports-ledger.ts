// at src/store/file/store-file-imports-ledger.ts
// expects lint/style/noRestrictedImports
import { openLedger } from "../write/ledger.ts";

export const leak = openLedger;
