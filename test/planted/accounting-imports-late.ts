// at src/accounting/accounting-imports-late.ts
// expects lint/style/noRestrictedImports
export const leak = () => import("../store/store.ts");
