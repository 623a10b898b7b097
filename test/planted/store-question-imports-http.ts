// at src/store/read/store-question-imports-http.ts
// expects lint/style/noRestrictedImports
import { createApp } from "../../http/app.ts";

export const leak = createApp;
