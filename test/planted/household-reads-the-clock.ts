// at src/household/plan-reads-the-clock.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => Date.now();
