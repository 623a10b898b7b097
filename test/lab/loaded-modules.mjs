/**
 * Loaded before a program (`node --import`): at its end it writes, to the file that LOADED_MODULES names, which of Node's
 * own modules were loaded, and the names of the globals that are not Node's.
 */
import { writeFileSync } from "node:fs";

const before = new Set(Object.keys(globalThis));

process.on("exit", () => {
  // In no documentation, but there since Node 0.x: the test that reads this proves that it still tells.
  const loaded = /** @type {{ moduleLoadList?: string[] }} */ (/** @type {unknown} */ (process)).moduleLoadList;
  const globals = Object.keys(globalThis).filter((name) => !before.has(name));
  writeFileSync(process.env.LOADED_MODULES ?? "", [...(loaded ?? []), ...globals].join("\n"));
});
