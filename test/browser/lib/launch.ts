import { findChromium } from "../../../scripts/lib/programs.mjs";

/** How Debian's Chromium is started: as root, in a container, without a graphics card, and asking nobody anything. */
export const LAUNCH = {
  executablePath: findChromium(process.env) ?? "chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
