import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

/**
 * The dashboard, built from web/ into dist/web. Addresses are relative, so that it works below any BASE_PATH; nothing
 * is inlined, because the page's policy forbids it.
 */
export default defineConfig({
  root: "web",
  base: "./",
  publicDir: "public",
  plugins: [serviceWorker()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: ["chrome111", "firefox114", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Advice to who writes plugins, which every slow machine would be given.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  server: {
    port: 5173,
    // `WHITESTAT=http://localhost:7777 npx vite` develops against a running product.
    proxy: { "/api": { target: process.env.WHITESTAT ?? "http://localhost:7777", changeOrigin: true } },
  },
});

/**
 * Writes the service worker with the list of what it keeps: all that was built. Its version changes with any of these,
 * so that a browser fetches them when it finds another worker than the one it has.
 */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    generateBundle(_, bundle) {
      const source = readFileSync(join(import.meta.dirname, "web/service-worker.js"), "utf8");
      const folder = join(import.meta.dirname, "web/public");
      const files = [
        "./",
        ...Object.keys(bundle).filter((name) => name !== "index.html"),
        ...readdirSync(folder),
      ].sort();
      const hash = createHash("sha256").update(source);
      for (const file of Object.values(bundle)) hash.update("code" in file ? file.code : file.source);
      for (const name of readdirSync(folder)) hash.update(readFileSync(join(folder, name)));
      this.emitFile({
        type: "asset",
        fileName: "service-worker.js",
        source: source
          .replace("__FILES__", JSON.stringify(files))
          .replace("__VERSION__", hash.digest("hex").slice(0, 16)),
      });
    },
  };
}
