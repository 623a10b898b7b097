// at src/http/http-imports-node-http.ts
// expects lint/style/noRestrictedImports
import http from "node:http";

export const leak = http;
