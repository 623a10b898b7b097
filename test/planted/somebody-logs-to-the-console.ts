// at src/http/somebody-logs-to-the-console.ts
// expects lint/suspicious/noConsole
export const leak = () => console.log("hello");
