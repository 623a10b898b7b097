// at src/meters/darkstat/darkstat-imports-another-meter.ts
// expects lint/style/noRestrictedImports
import { readTable } from "../kernel/read.ts";

export const leak = readTable;
