import { defineConfig } from "vitest/config";

/**
 * Tests of the built image, by `npm run test:image`. Not among those of `npm test`: they need root, podman and an image.
 * One file after the other: containers share the machine's names and, with it, its time.
 */
export default defineConfig({
  test: {
    name: "image",
    dir: "test/image",
    include: ["**/*.image.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
