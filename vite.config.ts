import { defineConfig } from "vite";

/**
 * The dashboard, built from web/ into dist/web. Addresses are relative, so that it works below any BASE_PATH; nothing
 * is inlined, because the page's policy forbids it.
 */
export default defineConfig({
  root: "web",
  base: "./",
  publicDir: "public",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: ["chrome111", "firefox114", "safari16.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    // `WHITESTAT=http://localhost:7777 npx vite` develops against a running product.
    proxy: { "/api": { target: process.env.WHITESTAT ?? "http://localhost:7777", changeOrigin: true } },
  },
});
