import { cpus } from "node:os";
import { defineConfig } from "vitest/config";

/** Real packets, processes and kill -9, on a machine that others use as well: in CI what fails twice is a fault. */
const RETRIES = process.env.CI === undefined ? 0 : 1;

/**
 * Two groups, one after the other: the lab's packets must not compete with other tests for the processor, for darkstat
 * drops what it has no time for. Filters work as ever: `npx vitest run src/store`.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "web/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["test/lab/**", "test/chaos/**", "test/power-loss/**"],
          setupFiles: ["test/lib/seed.ts"],
          retry: RETRIES,
          // Half of their time they wait for a process or a timer, and Vitest would leave one processor to others.
          maxWorkers: Math.max(2, cpus().length),
          sequence: { groupOrder: 0 },
          testTimeout: 60_000,
          // Imports JSON as bundlers let one, and Node doesn't.
          server: { deps: { inline: [/@actions/] } },
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/{lab,chaos,power-loss}/**/*.test.ts"],
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          retry: RETRIES,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
