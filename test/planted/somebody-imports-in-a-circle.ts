// at src/http/somebody-imports-in-a-circle.ts
// expects lint/suspicious/noImportCycles
import { leak as other } from "./somebody-closes-the-circle.ts";

export const leak: () => unknown = () => other;
