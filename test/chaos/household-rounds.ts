import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createHouseholdBook } from "../../src/household/book.ts";
import { factsOf } from "../../src/household/document.ts";
import { createNameBook } from "../../src/settings/maps.ts";
import type { Step } from "../../src/shared/household-api.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";

/** Devices that are renamed together: the names file is written once for each. */
const DEVICES = [1, 2, 3].map((number) => `02:1a:00:00:00:0${number}`);
const LONGEST_LIFE_MS = 120;
const CHILD = fileURLToPath(new URL("household-child.ts", import.meta.url));

/** What one change says: a name, which goes into MAC_HOST.txt, and a note, which goes into the store, of each device. */
export function stepsOf(number: number): Step[] {
  return DEVICES.map(
    (device): Step => ({ do: "describe", devices: [device], name: textOf(number), note: textOf(number) }),
  );
}

const textOf = (number: number) => `change ${number}`;

/** The household's book on a store and a names file in a folder, as the product has it. */
export async function openHousehold(folder: string) {
  const file = (name: string) => join(folder, name);
  const names = createNameBook({
    ipMacFile: file("IP_MAC.txt"),
    macMacFile: file("MAC_MAC.txt"),
    macHostFile: file("MAC_HOST.txt"),
    archiveFile: file("ARCHIVED.txt"),
  });
  const { warnings } = await names.reloadIfChanged();
  if (warnings.length > 0) throw new Error(`The names file is half: ${warnings.join(" ")}`);
  const store = openSqliteStore({ path: file("WhiteStat.db") });
  const book = createHouseholdBook({
    memory: store,
    names,
    devices: async () => DEVICES.map((key) => ({ key, interfaces: [key], router: false, hostname: null })),
    fileMerges: () => names.rewrites().macMac,
    now: () => Date.now(),
    onChange: async () => {},
    remove: () => Promise.reject(new Error("nothing is removed here")),
    restore: async () => false,
  });
  await book.load();
  return { book, names, store };
}

export interface HouseholdOutcome {
  /** What was found wrong after a kill, in words. */
  readonly wrong: readonly string[];
  /** How many changes were answered before they were looked for. */
  readonly changes: number;
  /** How often the kill came between the document in the store and the last of the names in the file. */
  readonly between: number;
}

/**
 * Rounds in which a process that changes names and notes is killed (SIGKILL) at a random moment. A change that was answered
 * must be there afterwards, and of none a part: the names in the file are those of the document in the store.
 * @param random 0 ≤ random() < 1
 */
export async function householdKillRounds(rounds: number, random: () => number): Promise<HouseholdOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "household-chaos-"));
  const wrong: string[] = [];
  let answered = 0;
  let between = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      answered = Math.max(answered, await liveAndDie(folder, answered + 1, random));
      if (await isBetween(folder)) between += 1;
      const { book, names, store } = await openHousehold(folder);
      const notes = DEVICES.map((device) => factsOf(book.document(), device).note);
      const given = DEVICES.map((device) => names.nameOf(device) ?? undefined);
      await store.close();
      const found = Number(notes[0]?.replace(/\D/g, "") ?? 0);
      const told = `round ${round}: notes ${notes.join(", ")}; names ${given.join(", ")}; answered ${answered}`;
      if (new Set([...notes, ...given]).size !== 1 || found < answered) wrong.push(told);
      answered = Math.max(answered, found);
    }
    return { wrong, changes: answered, between };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the child, and kills it some time after its first change. @returns the last change that it told to be done */
async function liveAndDie(folder: string, first: number, random: () => number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, folder, String(first)], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors += text));
  const begun = new Promise<void>((resolve) => {
    child.stdout.on("data", (text: Buffer) => {
      said += text;
      resolve();
    });
    child.once("exit", () => resolve());
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await begun;
  await delay(random() * LONGEST_LIFE_MS);
  child.kill("SIGKILL");
  await closed;
  if (child.signalCode !== "SIGKILL") throw new Error(`it ended by itself: ${errors}`);
  return Number(said.trimEnd().split("\n").at(-1) ?? 0);
}

/** Whether names of the last change still wait to be written. */
async function isBetween(folder: string): Promise<boolean> {
  const store = openSqliteStore({ path: join(folder, "WhiteStat.db") });
  const state = await store.recall<{ unsaved: readonly unknown[] }>("household");
  await store.close();
  return (state?.unsaved.length ?? 0) > 0;
}
