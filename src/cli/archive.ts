import { createCalendar } from "../accounting/calendar.ts";
import { devicesOfFloods, floodDays, LITTLE_BYTES, MANY_NEW } from "../accounting/crowd.ts";
import { ARCHIVE } from "../accounting/view.ts";
import { addToArchive, emptyArchive, readArchive } from "../settings/archive.ts";
import { createNameBook } from "../settings/maps.ts";
import type { Settings } from "../settings/table.ts";
import type { Device, Store } from "../store/store.ts";
import { type Manual, readArguments } from "./arguments.ts";
import { fileError } from "./errors.ts";
import { EXIT, type Io } from "./io.ts";
import { readOwnStore } from "./own-store.ts";
import { giveBack } from "./root.ts";
import { settingsOrReport } from "./serve.ts";

export const ARCHIVING: Manual = {
  usage: "archive [--dry-run] [--undo]",
  sentence: "show the devices of a flood of made-up addresses as one; totals stay as they are",
  options: [
    ["--dry-run", "only say how many devices there are"],
    ["--undo", "make all archived devices devices of their own again"],
  ],
  example: "archive --dry-run",
};

/** Puts the devices of floods into ARCHIVED.txt, or takes all out of it. WhiteStat may be running. @returns the exit code */
export async function archiveCommand(io: Io, args: readonly string[]): Promise<number> {
  const known = { "dry-run": { type: "boolean" }, undo: { type: "boolean" } } as const;
  const { values } = readArguments(args, known, ARCHIVING, []);
  const loaded = await settingsOrReport(io, { create: false });
  if (loaded === null) return EXIT.config;
  const { settings } = loaded;
  const dryRun = values["dry-run"] === true;
  try {
    const lines = values.undo === true ? await undo(settings, dryRun) : await archive(io, settings, dryRun);
    for (const line of lines) io.stdout.write(`${line}\n`);
    return EXIT.ok;
  } catch (error) {
    throw fileError(error, "write", settings.archiveFile);
  } finally {
    giveBack(io, loaded);
  }
}

const SOON = "WhiteStat shows it within a minute, if it is running.";
const DRY = "This was a dry run: nothing was changed.";

async function undo({ archiveFile }: Settings, dryRun: boolean): Promise<string[]> {
  const { devices } = await readArchive(archiveFile);
  if (devices.size === 0) return ["Nothing is archived."];
  const what = `${counted(devices.size)} of ${archiveFile}`;
  if (dryRun) return [`${what} would be devices of their own again.`, DRY];
  await emptyArchive(archiveFile);
  return [`${what} are devices of their own again. ${SOON}`];
}

async function archive(io: Io, settings: Settings, dryRun: boolean): Promise<string[]> {
  const { archiveFile } = settings;
  const store = await readOwnStore(settings);
  try {
    const names = createNameBook(settings);
    await names.reloadIfChanged();
    const { archived } = names.rewrites();
    const found = await flood(store, (key) => names.nameOf(key) !== null || archived.has(key));
    const rule = `Archived are devices without a name that were new on a day with at least ${MANY_NEW} new ones, were seen on no other day, and used less than ${LITTLE_BYTES / 1_000_000} MB.`;
    if (found === null) return [`There is no flood: on no day were ${MANY_NEW} devices new, the first day apart.`];
    const { devices, days } = found;
    const what = `${counted(devices.length)} of ${days.join(", ")}`;
    if (devices.length === 0) return [`No device of ${days.join(", ")} is left to archive.`, rule];
    if (dryRun) return [`${what} would be archived.`, rule, DRY];
    const day = createCalendar(io.zone(settings.timeZone)).dayOf(io.clock.now());
    const keys = devices.flatMap(({ interfaces }) => interfaces);
    await addToArchive(archiveFile, keys, `${day}: ${what}`);
    return [
      `${what} are archived: they are counted and shown as one, "Archived devices". ${SOON}`,
      rule,
      `Their addresses are in ${archiveFile}: a line that is taken out is a device again. archive --undo takes all out.`,
    ];
  } finally {
    await store.close();
  }
}

/** The devices of floods that may be archived, and the days of the floods; null where there was none. */
async function flood(
  store: Pick<Store, "devices" | "range" | "deviceSums">,
  isKept: (key: string) => boolean,
): Promise<{ devices: Device[]; days: readonly string[] } | null> {
  const known = await store.range();
  if (known === null) return null;
  const all = (await store.devices()).filter(({ key }) => key !== ARCHIVE);
  const days = floodDays(all, known.first);
  if (days.length === 0) return null;
  const bytes = new Map<number, number>();
  for (const sum of await store.deviceSums([{ from: known.first, to: known.last }])) {
    bytes.set(sum.device, sum.in + sum.out + sum.hiddenIn + sum.hiddenOut);
  }
  const bytesOf = ({ id }: Device) => bytes.get(id) ?? 0;
  return { devices: devicesOfFloods(all, known.first, bytesOf, isKept), days };
}

function counted(devices: number): string {
  return `${devices.toLocaleString("en")} ${devices === 1 ? "device" : "devices"}`;
}
