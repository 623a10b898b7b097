// at src/store/write/store-ledger-imports-question.ts
// expects lint/style/noRestrictedImports
import { deviceSums } from "../read/sums.ts";

export const leak = deviceSums;
