// at src/takeover/somebody-makes-a-response.ts
// expects lint/style/noRestrictedGlobals
export const leak = () => new Response("");
