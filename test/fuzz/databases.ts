import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isStoredDay } from "../../src/store/day-text.ts";
import { damageIn } from "../../src/store/file/damage.ts";
import { openOrRecover } from "../../src/store/file/recover.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { type Store, StoreError } from "../../src/store/store.ts";
import { charge, charging, remoteCharge } from "../../src/store/testing/settlements.ts";
import { NOTHING_SAID } from "../../src/takeover/days-file.ts";
import { exportText } from "../../src/takeover/export.ts";
import { importHistory } from "../../src/takeover/import.ts";
import { MOST_REJECTED } from "../../src/takeover/stage.ts";
import { takeOver } from "../../src/takeover/takeover.ts";
import { makeOldStore } from "../takeover/old-store.ts";
import { ask, EVER, FIXTURES, LATER, testDeps } from "../takeover/taking.ts";
import { createRandom, type Random, stopwatch } from "./random.ts";

/** More processor time than this no file of some hundred kilobytes may take. */
const MOST_MS = 20_000;
/** The least that a row takes: as in salvage.ts. */
const LEAST_ROW_BYTES = 24;

/** What a damaged file did that no file may do. */
export interface Finding {
  readonly file: number;
  readonly form: string;
  readonly why: string;
}

/** Sound files of every form that can be taken over or imported. */
export async function makeSamples(): Promise<Map<string, Buffer>> {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-fuzz-"));
  try {
    const samples = new Map<string, Buffer>();
    for (const version of ["v2", "v5", "v11"]) {
      samples.set(`${version}.db`, readFileSync(join(FIXTURES, version, "WhiteStat.db")));
    }
    const old = join(folder, "old.db");
    const history = Array.from({ length: 900 }, (_, n) => ({
      IP: `192.168.${n % 3}.${n % 250}`,
      DATE: new Date(Date.UTC(2019, 0, 1 + Math.floor(n / 3))).toISOString().slice(0, 10),
    }));
    makeOldStore(old, { history, daily: [{ DATE: "2019-12-01" }] });
    samples.set("old.db", readFileSync(old));
    const ours = join(folder, "ours.db");
    const store = openSqliteStore({ path: ours });
    for (let n = 0; n < 200; n += 1) {
      const day = new Date(Date.UTC(2020, 5, 1 + Math.floor(n / 4))).toISOString().slice(0, 10);
      const used = { day, hour: n % 24, in: 10 + n, out: n };
      await store.record(
        charging(charge({ ...used, ip: `192.168.1.${n % 9}` }), remoteCharge({ ...used, ip: `9.9.9.${n % 50}` })),
      );
    }
    const said = () => ({ name: "=Anna's; phone", owner: "@Anna", type: "phone" });
    const options = { said, firstDay: null, lastDay: null };
    for (const [name, separator] of [
      ["days.csv", ";"],
      ["days.json", null],
    ] as const) {
      let text = "";
      for await (const chunk of exportText(store, { ...options, separator })) text += chunk;
      samples.set(name, Buffer.from(text));
    }
    await store.close();
    samples.set("ours.db", readFileSync(ours));
    return samples;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Damages a copy of a file in one of the ways in which disks, crashes and people do. */
export function mutate(sound: Buffer, form: string, random: Random): Buffer {
  let bytes = Buffer.from(sound);
  const pageSize = form.endsWith(".db") ? bytes.readUInt16BE(16) : 512;
  const pages = () => Math.max(1, Math.floor(bytes.length / pageSize));
  const page = () => random(pages()) * pageSize;
  const within = (at: number) => Math.min(at, bytes.length - 4);
  const ways = [
    () => {
      for (let n = random(40); n >= 0; n -= 1) bytes[random(bytes.length)] = random(256);
    },
    // Near the head of a page, where its pointers are.
    () => {
      for (let n = random(12); n >= 0; n -= 1) bytes[within(page() + random(60))] = random(256);
    },
    () => {
      const from = page();
      bytes.copyWithin(page(), from, from + pageSize);
    },
    () => {
      const from = page();
      bytes.fill(random(256), from, within(from + random(pageSize)));
    },
    () => {
      bytes = bytes.subarray(0, random(bytes.length));
    },
    // A pointer to a page that there is: circles and tangles.
    () => {
      for (let n = random(20); n >= 0; n -= 1) {
        bytes.writeUInt32BE(1 + random(pages()), within(page() + 8 + random(pageSize - 8)));
      }
    },
    () => {
      const from = page();
      bytes = Buffer.concat([bytes, bytes.subarray(from, from + pageSize * random(4))]);
    },
    // What a person does to a text, and to texts in a database.
    () => {
      const pieces = [
        "\u0000",
        "\r\n",
        '"',
        "'",
        "\u202e",
        "=",
        "10183-01-01",
        "9e999",
        "-1",
        "{",
        "\u001b[2J",
        "null",
      ];
      for (let n = random(8); n >= 0; n -= 1) {
        Buffer.from(pieces[random(pieces.length)] ?? "").copy(bytes, random(bytes.length));
      }
    },
    // Only the header.
    () => {
      for (let n = random(4); n >= 0; n -= 1) bytes[random(Math.min(100, bytes.length))] = random(256);
    },
  ];
  for (let n = random(3); n >= 0; n -= 1) if (bytes.length > 16) ways[random(ways.length)]?.();
  return bytes;
}

/** Tries damaged files from `first` on. What is found names the file by its number and seed, which make it again. */
export async function fuzzDatabases(options: {
  readonly seed: number;
  readonly first: number;
  readonly files: number;
  readonly onFile?: (file: number) => void;
}): Promise<Finding[]> {
  const { seed, first, files, onFile } = options;
  const samples = [...(await makeSamples())];
  const findings: Finding[] = [];
  for (let file = first; file < first + files; file += 1) {
    onFile?.(file);
    const random = createRandom(seed * 1_000_003 + file);
    const [form, sound] = samples[random(samples.length)] as [string, Buffer];
    const bytes = mutate(sound, form, random);
    for (const attempt of form.endsWith(".db") ? [tryImport, tryStart] : [tryImport]) {
      const why = await attempt(bytes, form);
      if (why !== null) findings.push({ file, form, why: `${attempt.name}: ${why}` });
    }
  }
  return findings;
}

/** Imports a file into an empty store. Returns what was wrong. */
async function tryImport(bytes: Buffer, form: string): Promise<string | null> {
  return inFolder(async (folder) => {
    const [from, into] = [join(folder, form), join(folder, "WhiteStat.db")];
    writeFileSync(from, bytes);
    const deps = testDeps({ now: () => LATER });
    const refused = await refusalOf(() =>
      importHistory({ ...deps, from, into, firstDay: null, lastDay: null, dryRun: false }),
    );
    if (!readFileSync(from).equals(bytes)) return "the file that was imported was changed";
    const left = readdirSync(folder).filter((name) => ![form, "WhiteStat.db", "WhiteStat.db.lock"].includes(name));
    if (left.length > 0) return `left behind: ${left.join(", ")}`;
    if (refused !== null) return refused === "" ? null : refused;
    return faultOf(openSqliteStore({ path: into }), into, bytes.length);
  });
}

/** Starts on a file, as the product does. Returns what was wrong. */
async function tryStart(bytes: Buffer): Promise<string | null> {
  return inFolder(async (folder) => {
    const path = join(folder, "WhiteStat.db");
    writeFileSync(path, bytes);
    const deps = testDeps({ now: () => LATER });
    const log = { info() {}, error() {} };
    const opened: Store[] = [];
    const refused = await refusalOf(async () => {
      const { store } = await openOrRecover({
        dir: folder,
        file: "WhiteStat.db",
        now: () => LATER,
        log,
        suspect: true,
        beforeOpen: async (at) => void (await takeOver(at, deps)),
      });
      opened.push(store);
    });
    const [store] = opened;
    const fault = store ? await faultOf(store, path, bytes.length) : refused === "" ? null : refused;
    if (fault !== null) return fault;
    // Whatever was made of it: what was there is still there, under this name or another, unless it was ours and sound.
    const kept = readdirSync(folder).some((name) => readFileSync(join(folder, name)).equals(bytes));
    return kept || store ? null : "the file is gone";
  });
}

async function inFolder(work: (folder: string) => Promise<string | null>): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-fuzz-"));
  const watch = stopwatch();
  try {
    const why = await work(folder);
    const ms = watch();
    return why ?? (ms > MOST_MS ? `it took ${Math.round(ms)} ms` : null);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Null when it succeeded, empty when it was refused in a sentence, else what was wrong with the refusal. */
async function refusalOf(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof StoreError)) return `threw ${error instanceof Error ? error.stack : String(error)}`;
    const { cause } = error;
    const isBug = cause instanceof TypeError || cause instanceof ReferenceError;
    if (isBug) return `failed by a fault of its own: ${(cause as Error).stack}`;
    return /\n/.test(error.message) ? `said more than a sentence: ${error.message}` : "";
  }
}

/** What is wrong with a store that was made of a damaged file. Closes it. */
async function faultOf(store: Store, path: string, size: number): Promise<string | null> {
  try {
    const days = await store.endpointDays(...EVER);
    const most = 4 * Math.ceil(size / LEAST_ROW_BYTES);
    if (days.length > most) return `${days.length} rows of a file of ${size} bytes`;
    const bad = days.find(({ day, in: down, out }) => !isStoredDay(day) || down < 0 || out < 0);
    if (bad) return `a row that can't be: ${JSON.stringify(bad)}`;
    for (const question of [store.devices(), store.deviceDays(...EVER), store.remoteDays(...EVER)]) await question;
    await store.deviceSums([{ from: EVER[0], to: EVER[1] }]);
    await store.balanceSum(...EVER);
    let csv = "";
    const options = { said: () => NOTHING_SAID, separator: "," as const, firstDay: null, lastDay: null };
    for await (const chunk of exportText(store, options)) csv += chunk;
    if (csv.split("\r\n").length !== days.length + 2) return "an export lacks rows";
  } catch (error) {
    // A damaged store of ours may prove damaged at any question; it is then set aside at the next start. Where a row points
    // to another that is gone, SQLite finds nothing, and an export says so.
    const isTold = error instanceof StoreError && (error.code === "corrupt" || /exported whole/.test(error.message));
    if (!isTold) return `a question failed: ${error instanceof Error ? error.stack : String(error)}`;
  } finally {
    await store.close().catch(() => {});
  }
  const rejected = existsSync(path) ? Number(ask(path, "SELECT count(*) AS n FROM rejected")[0]?.n) : 0;
  if (rejected > MOST_REJECTED) return `${rejected} rows were kept as rejected`;
  if (statSync(path).size > 40 * size + 1_000_000) return `${statSync(path).size} bytes of a file of ${size}`;
  const damage = await damageIn(path);
  return damage === null ? null : `the store is damaged: ${damage}`;
}

/** Keeps a file that was found to do harm. */
export async function keepFile(seed: number, file: number, folder: string): Promise<string> {
  const random = createRandom(seed * 1_000_003 + file);
  const samples = [...(await makeSamples())];
  const [form, sound] = samples[random(samples.length)] as [string, Buffer];
  const path = join(folder, `${seed}-${file}-${form}`);
  writeFileSync(path, mutate(sound, form, random));
  return path;
}
