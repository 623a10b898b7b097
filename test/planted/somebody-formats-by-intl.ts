// at src/http/somebody-formats-by-intl.ts
// expects lint/style/noRestrictedGlobals
export const leak = (at: number) => new Intl.DateTimeFormat("en").format(at);
