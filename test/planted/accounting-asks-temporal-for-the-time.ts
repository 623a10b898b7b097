// at src/accounting/accounting-asks-temporal-for-the-time.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => Temporal.Now.instant();
