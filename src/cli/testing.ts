import { join } from "node:path";
import { zoneOf } from "../accounting/testing.ts";
import type { Io, Output } from "./io.ts";

const SILENT: Output = { write: () => true };

/**
 * A machine for tests: its data store is the folder, its time stands still, it says nothing, and nothing ends it.
 * @param some what matters for a test
 */
export function testIo(dir: string, some: Partial<Io> = {}): Io {
  return {
    env: { DATA_STORE: dir, PATH: process.env.PATH },
    cwd: dir,
    stdin: (async function* () {})(),
    stdout: SILENT,
    stderr: SILENT,
    clock: { now: () => Date.UTC(2026, 0, 1), mono: () => 0, sleep: async () => {} },
    zone: (configured) => zoneOf(configured ?? "UTC"),
    signal: new AbortController().signal,
    version: "12.0.0",
    builtAt: 0,
    webRoot: dir,
    vendorsFile: join(dir, "vendors.bin"),
    senderFile: join(dir, "send.mjs"),
    processUsage: () => ({ cpuSeconds: 0, residentBytes: 0 }),
    random: () => 0.5,
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    become: null,
    fileMode: 0o644,
    ...some,
  };
}
