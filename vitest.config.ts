import { defineConfig } from "vitest/config";

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
          // Real packets and kill -9 on a machine that others use as well: what fails twice is a fault.
          retry: process.env.CI === undefined ? 0 : 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
