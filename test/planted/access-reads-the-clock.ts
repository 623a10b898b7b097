// at src/access/access-reads-the-clock.ts
// expects lint/style/noRestrictedGlobals
export const now = Date.now();
