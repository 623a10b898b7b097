// at src/http/api/http-imports-what-sends.ts
// expects lint/style/noRestrictedImports
import { createSend } from "../../channels/send.ts";

export const leak = createSend;
