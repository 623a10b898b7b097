// at src/accounting/calendar.ts
// expects lint/style/noRestrictedImports
import { Temporal } from "temporal-polyfill";

export const leak = Temporal.PlainDate;
