// at src/accounting/accounting-imports-temporal-outside-calendar.ts
// expects lint/style/noRestrictedImports
import { Temporal } from "temporal-polyfill";

export const leak = Temporal.PlainDate;
