// at src/cli/somebody-imports-https-late.ts
// expects lint/style/noRestrictedImports
export const leak = () => import("node:https");
