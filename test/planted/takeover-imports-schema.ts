// at src/takeover/takeover-imports-schema.ts
// expects lint/style/noRestrictedImports
import { SCHEMA } from "../store/schema.ts";

export const leak = SCHEMA;
