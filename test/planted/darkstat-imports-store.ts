// at src/meters/darkstat/darkstat-imports-store.ts
// expects lint/style/noRestrictedImports
import type { Store } from "../../store/store.ts";

export type Leak = Store;
