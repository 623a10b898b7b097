import { copyStore } from "../../src/store/copy-store.ts";
import { clock } from "../lib/clock.ts";

/** Copies a file to another place, and is killed after some rows. Arguments: the file, a file or URL, the rows. */
const [from = "", to = "", rows = ""] = process.argv.slice(2);
await copyStore({
  from: { file: from },
  to: to.startsWith("postgres:") ? { url: to } : { file: to },
  clock,
  holder: { pid: process.pid, host: "here", since: 0 },
  onProgress(_step, done) {
    if (done >= Number(rows)) process.kill(process.pid, "SIGKILL");
  },
});
