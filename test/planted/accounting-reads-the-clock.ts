// at src/accounting/accounting-reads-the-clock.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => Date.now();
