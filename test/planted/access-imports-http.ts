// at src/access/access-imports-http.ts
// expects lint/style/noRestrictedImports
import { createApp } from "../http/app.ts";

export const leak = createApp;
