import { defineConfig } from "vitest/config";

/**
 * Tests of the Debian package and the archive, by `npm run test:packages`. Not among those of `npm test`: they need root,
 * mmdebstrap and minutes. They are run for this machine's processor; with PACKAGE_ARCH=armhf or arm64 for that, by qemu.
 */
export default defineConfig({
  test: {
    name: "packages",
    dir: "test/packages",
    include: ["**/*.packages.ts"],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 3_600_000,
  },
});
