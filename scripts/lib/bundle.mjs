/**
 * Builds dist/: the dashboard into dist/web, and one file for the server, because a bundle starts in half the time and
 * takes a quarter less memory than the same code in many files (docs/decisions); beside them the clients of PostgreSQL
 * and of MQTT brokers, which are loaded only when one is used, the vendors of network cards, and the licences of what was
 * built in. Nothing in dist/ needs node_modules. Run it by `npm run build`; `npm start` does so when it must.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { build } from "vite";
import { compressBelow } from "./compress.mjs";
import { licencesOf } from "./licences.mjs";
import { stampOfSources } from "./sources.mjs";
import { encodeVendorsOfRegistry } from "./vendors.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Packages that are loaded only when they are used, by the files that they are built into.
 * @type {Record<string, string>}
 */
const CLIENTS = { pg: "postgres.mjs", mqtt: "mqtt.mjs" };

// Taken first: a source that is saved while we build makes the next start build again.
const stamp = stampOfSources(root);
mkdirSync(join(root, "dist"), { recursive: true });
const modules = [
  ...(await buildServer()),
  ...(await buildClients()),
  ...(await buildSender()),
  ...(await buildDashboard()),
];
writeWhole(join(root, "dist/vendors.bin"), encodeVendorsOfRegistry());
writeWhole(join(root, "dist/LICENCES.txt"), licencesOf(modules, ["oui-data"], root));
writeWhole(join(root, "dist/.stamp"), stamp);

/** Bundles the command line and all that it imports, but for those clients. Returns the modules that went in. */
async function buildServer() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const names = Object.keys(CLIENTS);
  const { code, modules, imports } = await bundle(join(root, "src/main.ts"), {
    external: names,
    define: { __VERSION__: JSON.stringify(version), __BUILT_AT__: String(commitTime()) },
    paths: Object.fromEntries(names.map((name) => [name, `./${CLIENTS[name]}`])),
  });
  for (const [name, file] of Object.entries(CLIENTS)) {
    // Each would cost 5 MB of memory at each start, also of those who don't use it.
    if (imports.some((imported) => imported === name || imported === `./${file}`))
      throw new Error(`import "${name}" by await import("${name}") only, where a connection is made`);
  }
  writeWhole(join(root, "dist/whitestat.mjs"), withoutWideCharacters(code));
  return modules;
}

/** Bundles each of those clients into a file of its own. Returns the modules that went in. */
async function buildClients() {
  // Asked for only where they are installed: a compiled client, and one for Cloudflare's workers.
  const external = ["pg-native", "pg-cloudflare"];
  const all = [];
  for (const [name, file] of Object.entries(CLIENTS)) {
    const { code, modules } = await bundle(fileURLToPath(import.meta.resolve(name)), { external });
    writeWhole(join(root, "dist", file), withoutWideCharacters(code));
    all.push(...modules);
  }
  return all;
}

/** Bundles the program that sends messages, with the client of mail in it. Returns the modules that went in. */
async function buildSender() {
  const { code, modules } = await bundle(join(root, "src/channels/child.ts"), { external: [] });
  writeWhole(join(root, "dist/send.mjs"), withoutWideCharacters(code));
  return modules;
}

/**
 * Bundles a module with all that it imports into one.
 * @param {string} input
 * @param {{ external: string[], define?: Record<string, string>, paths?: Record<string, string> }} options what stays an
 *   import, and from where in dist/ that is then imported
 */
async function bundle(input, { external, define = {}, paths = {} }) {
  const bundling = await rolldown({
    input,
    cwd: root,
    external,
    platform: "node",
    tsconfig: join(root, "tsconfig.json"),
    transform: { target: "node22", define },
    checks: { bundlerTimings: false },
    onLog(level, log, report) {
      // A module that can't be found would only be missed when the product runs.
      if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
      report(level, log);
    },
  });
  const { output } = await bundling.generate({ format: "esm", codeSplitting: false, paths, comments: false });
  await bundling.close();
  const [{ code, moduleIds, imports }] = output;
  return { code, modules: moduleIds, imports };
}

/**
 * V8 keeps a source at two bytes a character as soon as one of them needs it: the dozen of “ and … that we have would
 * cost a running product 0.8 MB. Outside of texts there are none, for comments are gone and names are ASCII.
 * @param {string} code
 */
function withoutWideCharacters(code) {
  return code.replace(/[\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The dashboard's files, each with what a browser may take compressed. Returns the modules that went in. */
async function buildDashboard() {
  const built = await build({ configFile: join(root, "vite.config.ts"), root: join(root, "web"), logLevel: "warn" });
  await compressBelow(join(root, "dist/web"));
  if (!("output" in built)) throw new Error("the dashboard was built in another way than once");
  return built.output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
}

/**
 * The product holds every clock that is earlier than this for wrong. The commit's time rather than now, so that the
 * same commit gives the same file; now where there is no commit to ask for.
 * @returns {number} ms UTC
 */
function commitTime() {
  const asked = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" });
  const seconds = Number((asked.stdout ?? "").trim());
  return asked.status === 0 && seconds > 0 ? seconds * 1000 : Date.now();
}

/**
 * Never leaves half a file where a start would find it.
 * @param {string} path
 * @param {string | Uint8Array} content
 */
function writeWhole(path, content) {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}
