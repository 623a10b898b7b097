// at src/channels/channels-import-store.ts
// expects lint/style/noRestrictedImports
import { StoreError } from "../store/store.ts";

export const leak = StoreError;
