import { hostname } from "node:os";
import { basename, dirname } from "node:path";
import type { Clock } from "../collector/clock.ts";
import type { Problems } from "../collector/problems.ts";
import type { Log } from "../log/log.ts";
import type { Settings } from "../settings/table.ts";
import { recogniseDatabase } from "../store/file/recognise.ts";
import { openOrRecover } from "../store/file/recover.ts";
import { createReopeningStore } from "../store/file/reopening.ts";
import { openSnapshot } from "../store/file/snapshot.ts";
import { createPostgresStore, openPostgresStore, readPostgresStore } from "../store/postgres-store.ts";
import { type Store, StoreError, type ViewOf } from "../store/store.ts";

type Place = Pick<Settings, "databaseUrl" | "dbFile">;

/** A crashed instance keeps its claim on a PostgreSQL database for as long, and some more. */
const CLAIM_PASSES_MS = 35_000;
const ASK_AGAIN_MS = 1_000;

export interface OwnStoreOptions {
  readonly settings: Place;
  readonly clock: Clock;
  readonly log: Log;
  readonly problems: Pick<Problems, "raise">;
  /** Asked at each opening. */
  readonly view: ViewOf;
  /** Called before a file is looked at: a database of an older version is upgraded here. */
  readonly beforeOpen: (path: string) => Promise<void>;
}

/** The store that the settings name, for this process to write. It opens at its first use, and again when it must. */
export function createOwnStore({ settings, clock, log, problems, view, beforeOpen }: OwnStoreOptions): Store {
  const { databaseUrl: url, dbFile } = settings;
  if (url !== null) return createPostgresStore({ url, clock, holder: holderText(), view });
  return createReopeningStore({
    open: (suspect) =>
      openOrRecover({
        dir: dirname(dbFile),
        file: basename(dbFile),
        now: () => clock.now(),
        log,
        suspect,
        view,
        onRescue: (message) =>
          problems.raise(
            "database-restored",
            message,
            "Find out what deletes or replaces the file; it must be left alone.",
          ),
        beforeOpen,
      }),
    onRecovery: ({ message, hint }) => problems.raise("database-restored", message, hint),
  });
}

/**
 * Why no waiting will help: another instance has the store, or it is not ours. Else null: a disk or a server may come back.
 * Who has a PostgreSQL database may have crashed: that is waited for.
 */
export async function refusalOf(
  store: Pick<Store, "sources">,
  { settings, clock, log }: Pick<OwnStoreOptions, "settings" | "clock" | "log">,
  signal: AbortSignal,
): Promise<StoreError | null> {
  const until = settings.databaseUrl === null ? null : clock.mono() + CLAIM_PASSES_MS;
  for (let isFirst = true; ; isFirst = false) {
    const refused = await refusal(store);
    if (refused?.code !== "busy" || until === null || clock.mono() > until || signal.aborted) return refused;
    if (isFirst) log.info(`${refused.message}. Waiting, in case that one has crashed.`);
    await clock.sleep(ASK_AGAIN_MS, signal);
  }
}

async function refusal(store: Pick<Store, "sources">): Promise<StoreError | null> {
  try {
    await store.sources();
    return null;
  } catch (error) {
    if (error instanceof StoreError && ["busy", "foreign", "newer"].includes(error.code)) return error;
    return null;
  }
}

/**
 * Takes an old file into a PostgreSQL store that is open. Why the start must end: the old program still runs, or what came
 * in does not agree with its file. While the server is gone, null: the next start takes it in.
 */
export async function refusalToTakeOver(work: () => Promise<void>, log: Log): Promise<StoreError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (["busy", "foreign", "full"].includes(error.code)) return error;
    log.error(`The history of the older WhiteStat is not taken in yet: ${error.message}. ${error.hint}`);
    return null;
  }
}

/** The PostgreSQL store of the settings, for a command that changes it while WhiteStat does not run. @throws StoreError */
export function openOwnDatabase(url: string, clock: Clock, view: ViewOf): Promise<Store> {
  return openPostgresStore({ url, clock, holder: holderText(), view });
}

/**
 * The store that the settings name as it is at this moment, to be read only, whether WhiteStat runs or not.
 * @throws StoreError unless it is one of ours
 */
export async function readOwnStore({ databaseUrl: url, dbFile }: Place): Promise<Store> {
  if (url !== null) return readPostgresStore(url);
  refuseNoStore(dbFile);
  return openSnapshot(dbFile, `${dbFile}.export-${process.pid}`);
}

/** @throws StoreError unless a file is a database of ours */
export function refuseNoStore(path: string): void {
  const found = recogniseDatabase(path);
  if (found === "ours") return;
  const what = {
    empty: "there is no data yet",
    legacy: "it is still the database of an older WhiteStat",
    foreign: "it is a database of another program",
    corrupt: "it is damaged",
  }[found];
  throw new StoreError("foreign", `${path}: ${what}`, "Start WhiteStat once, which creates, upgrades or restores it.");
}

function holderText(): string {
  return `process ${process.pid} on ${hostname()}`;
}
