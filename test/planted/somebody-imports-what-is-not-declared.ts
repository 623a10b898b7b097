// at src/http/somebody-imports-what-is-not-declared.ts
// expects lint/correctness/noUndeclaredDependencies
import express from "express";

export const leak = express;
