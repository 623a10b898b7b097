// at src/accounting/accounting-imports-node.ts
// expects lint/style/noRestrictedImports
import { readFileSync } from "node:fs";

export const leak = readFileSync;
