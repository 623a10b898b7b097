// at src/alerts/alerts-read-the-clock.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => Date.now();
