// at src/accounting/accounting-asks-intl.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
