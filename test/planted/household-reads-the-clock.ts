// at src/household/household-reads-the-clock.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => Date.now();
