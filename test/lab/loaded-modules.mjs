/**
 * Loaded before a program (`node --import`): at its end it writes, to the file that LOADED_MODULES names, which of Node's
 * own modules were loaded.
 */
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  // In no documentation, but there since Node 0.x: the test that reads this proves that it still tells.
  const loaded = /** @type {{ moduleLoadList?: string[] }} */ (/** @type {unknown} */ (process)).moduleLoadList;
  writeFileSync(process.env.LOADED_MODULES ?? "", (loaded ?? []).join("\n"));
});
