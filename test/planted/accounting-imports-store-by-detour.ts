// at src/accounting/accounting-imports-store-by-detour.ts
// expects lint/style/noRestrictedImports
import type { Store } from "./../store/store.ts";

export type Leak = Store;
