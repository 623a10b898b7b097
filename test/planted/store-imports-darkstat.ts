// at src/store/store-imports-darkstat.ts
// expects lint/style/noRestrictedImports
import { parseHosts } from "../darkstat/parse.ts";

export const leak = parseHosts;
