// at src/accounting/accounting-waits.ts
// expects lint/style/noRestrictedGlobals
export const leak = (act: () => void) => setTimeout(act, 1);
