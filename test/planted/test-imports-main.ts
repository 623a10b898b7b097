// at test/test-imports-main.ts
// expects lint/style/noRestrictedImports
import { main } from "../src/main.ts";

export const leak = main;
