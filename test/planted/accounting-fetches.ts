// at src/accounting/accounting-fetches.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => fetch("http://127.0.0.1/");
