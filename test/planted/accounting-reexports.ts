// at src/accounting/accounting-reexports.ts
// expects lint/style/noRestrictedImports
export { StoreError } from "../store/store.ts";
