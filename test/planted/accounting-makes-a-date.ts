// at src/accounting/accounting-makes-a-date.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => new Date();
