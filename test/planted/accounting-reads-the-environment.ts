// at src/accounting/accounting-reads-the-environment.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => process.env.TZ;
