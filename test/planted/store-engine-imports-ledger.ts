// at src/store/engine/store-engine-imports-ledger.ts
// expects lint/style/noRestrictedImports
import { openLedger } from "../write/ledger.ts";

export const leak = openLedger;
