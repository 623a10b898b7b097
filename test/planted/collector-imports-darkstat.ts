// at src/collector/collector-imports-darkstat.ts
// expects lint/style/noRestrictedImports
import { parseHosts } from "../meters/darkstat/parse.ts";

export const leak = parseHosts;
