// at web/web-imports-accounting.ts
// expects lint/style/noRestrictedImports
import { settle } from "../src/accounting/settle.ts";

export const leak = settle;
