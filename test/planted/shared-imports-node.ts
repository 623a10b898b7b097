// at src/shared/shared-imports-node.ts
// expects lint/style/noRestrictedImports
import { join } from "node:path";

export const leak = join;
