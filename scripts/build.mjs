/**
 * What `npm run build` runs: installs what a fresh clone lacks, and builds dist/ (see lib/bundle.mjs). Must itself run on
 * Node 18 without any package.
 */
import { fileURLToPath } from "node:url";
import { build, prepare } from "./lib/prepare.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);
const deps = { env: process.env, say };

const node = prepare(root, deps);
if (node === null || !build(root, node, deps)) process.exitCode = 1;
