import { hostname } from "node:os";
import { resolve } from "node:path";
import { databaseUrl } from "../settings/kinds.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { ValidationError } from "../settings/validation-error.ts";
import { copyStore, type StorePlace } from "../store/copy-store.ts";
import { type Manual, readArguments, UsageError } from "./arguments.ts";
import { CommandError } from "./errors.ts";
import { EXIT, type Io } from "./io.ts";
import { createProgress } from "./progress.ts";
import { giveBack } from "./root.ts";
import { settingsOrReport } from "./serve.ts";

export const COPY: Manual = {
  usage: "copy [--from PLACE] [--to PLACE]",
  sentence: "copy the history between a SQLite file and a PostgreSQL database, and verify the copy",
  options: [
    ["--from PLACE", "a file, or postgres://user:password@host/database; by default what the settings name"],
    ["--to PLACE", "the same, but empty: a new file, or a database without tables"],
  ],
  example: "copy --from data/WhiteStat.db --to postgres://whitestat:secret@db.example.com/whitestat",
};

/** Copies a whole history to another place, as of this moment. @returns the exit code */
export async function copyCommand(io: Io, args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = readArguments(args, { from: text, to: text }, COPY, []);
  const [from, to] = [placeOf(io, "from", values.from), placeOf(io, "to", values.to)];
  if (from === null && to === null) throw new UsageError("Missing argument: --from or --to.", COPY);
  let loaded: LoadedSettings | null = null;
  if (from === null || to === null) {
    loaded = await settingsOrReport(io, { create: false });
    if (loaded === null) return EXIT.config;
  }
  const own = ownPlace(loaded);
  const places = { from: from ?? own, to: to ?? own };
  if (JSON.stringify(places.from) === JSON.stringify(places.to)) {
    throw new UsageError("--from and --to are the same place.", COPY);
  }
  const progress = createProgress(io.stderr, () => io.clock.mono());
  try {
    const rows = await copyStore({
      ...places,
      clock: io.clock,
      holder: { pid: process.pid, host: hostname(), since: io.clock.now() },
      onProgress(step, done, total) {
        if (io.signal.aborted) throw new CommandError(EXIT.interrupted, "Cancelled: nothing was copied.", "");
        progress.report(step, done, total);
      },
    });
    progress.end();
    io.stdout.write(`Copied ${rows} rows. Row counts and the bytes of every month are the same on both sides.\n`);
    return EXIT.ok;
  } finally {
    progress.end();
    if (loaded !== null) giveBack(io, loaded);
  }
}

function ownPlace(loaded: LoadedSettings | null): StorePlace {
  const { databaseUrl: url = null, dbFile = "" } = loaded?.settings ?? {};
  return url === null ? { file: dbFile } : { url };
}

/** @throws UsageError, which shows no password */
function placeOf(io: Io, name: "from" | "to", text: string | undefined): StorePlace | null {
  if (text === undefined) return null;
  if (!/^[a-z]+:\/\//i.test(text)) return { file: resolve(io.cwd, text) };
  try {
    const url = databaseUrl(text);
    if (url !== null) return { url };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw new UsageError(`--${name} ${error.message}.`, COPY);
  }
  throw new UsageError(`--${name} is empty.`, COPY);
}
