// at src/accounting/accounting-reaches-round.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => globalThis.Date;
