// at src/accounting/calendar.ts
// expects lint/nursery/noJsRestrictedProperties
import { Temporal } from "temporal-polyfill";

export const leak = () => Temporal.Now.instant();
