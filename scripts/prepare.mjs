/**
 * What the other scripts of package.json begin with: installs what a fresh clone lacks, or says in a sentence what is
 * missing. Must itself run on Node 18 without any package.
 */
import { fileURLToPath } from "node:url";
import { prepare } from "./lib/prepare.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const node = prepare(root, { env: process.env, say: (line) => process.stderr.write(`${line}\n`) });
if (node === null) process.exitCode = 1;
