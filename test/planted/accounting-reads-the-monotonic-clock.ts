// at src/accounting/accounting-reads-the-monotonic-clock.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => performance.now();
