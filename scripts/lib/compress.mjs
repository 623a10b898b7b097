import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const WORTH_IT = new Set([".html", ".js", ".css", ".svg", ".json", ".webmanifest"]);
const SMALLEST = 512;

/**
 * Writes FILE.br and FILE.gz beside each text file below a folder, once at build time, so that serving costs a
 * Raspberry Pi nothing.
 * @param {string} folder
 */
export async function compressBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  await Promise.all(
    entries
      .filter((entry) => entry.isFile() && WORTH_IT.has(extname(entry.name)))
      .map((entry) => compress(join(entry.parentPath, entry.name))),
  );
}

/** @param {string} path */
async function compress(path) {
  const body = await readFile(path);
  if (body.length < SMALLEST) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  await Promise.all([
    promisify(brotliCompress)(body, { params }).then((packed) => writeFile(`${path}.br`, packed)),
    promisify(gzip)(body, { level: 9 }).then((packed) => writeFile(`${path}.gz`, packed)),
  ]);
}
