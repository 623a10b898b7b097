// at src/alerts/alerts-import-store.ts
// expects lint/style/noRestrictedImports
import { StoreError } from "../store/store.ts";

export const leak = StoreError;
