// at src/accounting/accounting-imports-package.ts
// expects lint/style/noRestrictedImports
import { Hono } from "hono";

export const leak = Hono;
