// at src/meters/darkstat/simulated/darkstat-imports-settings-from-a-subfolder.ts
// expects lint/style/noRestrictedImports
import { settings } from "../../../settings/table.ts";

export const leak = settings;
