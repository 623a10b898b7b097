// at src/accounting/accounting-logs.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => console.log("hello");
