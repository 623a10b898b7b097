// at src/accounting/testing.ts
// expects lint/style/noRestrictedImports
import { performance } from "node:perf_hooks";

export const leak = performance;
