// at src/http/http-imports-collector.ts
// expects lint/style/noRestrictedImports
import { createCollector } from "../collector/collector.ts";

export const leak = createCollector;
