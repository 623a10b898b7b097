/** A darkstat that isn't one: for `npm run demo`, the tests and the benches. */
export type { FaultKind } from "./faults.ts";
export { createDarkstatModel, type DarkstatModel } from "./model.ts";
export { createFakeDarkstat, type FakeDarkstat, type FakeDarkstatOptions } from "./server.ts";
