// at src/http/somebody-closes-the-circle.ts
// expects lint/suspicious/noImportCycles
import { leak as other } from "./somebody-imports-in-a-circle.ts";

export const leak: () => unknown = () => other;
