import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { createHouseholdBook, recallDocument } from "../household/book.ts";
import {
  type FilePlan,
  HouseholdFileError,
  householdFile,
  type ReadHousehold,
  readHouseholdFile,
  subjectIn,
} from "../household/file.ts";
import { rulesWithIds, withIds } from "../household/plan-owners.ts";
import { readAlertRules } from "../http/api/alerts.ts";
import { readNameSources } from "../http/api/name-sources.ts";
import { readPlan } from "../http/api/plan.ts";
import { keepOtherPlans, keepPlan, LINE, otherPlans, planFor } from "../http/api/plan-subjects.ts";
import { HttpProblem } from "../http/errors.ts";
import {
  changeSources,
  DEFAULT_SOURCES,
  keepSources,
  keptSources,
  type NameSettingsChange,
  withoutPasswords,
} from "../names/sources.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { createNameBook, type NameBook } from "../settings/maps.ts";
import type { Settings } from "../settings/table.ts";
import { writeFileAtomically } from "../settings/text-file.ts";
import { ValidationError } from "../settings/validation-error.ts";
import type { AlertRulesInput } from "../shared/alerts-api.ts";
import type { Plan } from "../shared/plan-api.ts";
import { takeLock } from "../store/file/lock.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { keepAlertRules, keptAlertRules } from "./alerting.ts";
import { CommandError, fileError } from "./errors.ts";
import { EXIT, type Io } from "./io.ts";
import { checkTarget } from "./output.ts";
import { openOwnDatabase, readOwnStore } from "./own-store.ts";
import { type OwnSettings, ownView } from "./own-view.ts";

const SECRETS = "Passwords, tokens and the channels of alerts are not in such a file: enter them on the dashboard.";
const OF_LINE = { of: LINE, aliases: [] };
/** The largest household that may be said has a fifth of it. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Writes the whole set-up (owners, devices, names, merges, data plans, alert rules, name sources) into one file, but for what is
 * secret: that a file to be passed on must not hold. Works while WhiteStat runs.
 */
export async function exportHousehold(io: Io, settings: Settings, path: string, force: boolean): Promise<void> {
  checkTarget(path, force, settings);
  const names = await namesOf(settings);
  const store = await readOwnStore(settings);
  try {
    const document = await recallDocument(store);
    const [plan, others] = [await planFor(store, OF_LINE), await otherPlans(store)];
    const besides = { alerts: await keptAlertRules(store), nameSources: withoutPasswords(await keptSources(store)) };
    const file = householdFile(document, names.all(), names.rewrites().macMac, plan, others, besides);
    await writeFileAtomically(path, `${JSON.stringify(file, null, 2)}\n`);
    const { owners, devices } = file;
    io.stdout.write(
      `${path} has ${owners.length} owners and ${devices.length} devices of which something is said.\n${SECRETS}\n`,
    );
  } catch (error) {
    throw fileError(error, "write", path);
  } finally {
    await store.close();
  }
}

/**
 * Puts the set-up of such a file in the place of the present one; names are given on top of those that are. It can be undone
 * on the page. WhiteStat must not be running.
 * @throws CommandError with all that is wrong in the file; then nothing has changed
 */
export async function importHousehold(
  io: Io,
  loaded: OwnSettings & Pick<LoadedSettings, "settings">,
  path: string,
  dryRun: boolean,
): Promise<void> {
  const { settings } = loaded;
  const { household, plan, others, alerts, nameSources } = await readFrom(path);
  const names = await namesOf(settings);
  if (dryRun) {
    io.stdout.write(`${path} can be imported. This was a dry run: nothing was changed.\n`);
    return;
  }
  await onOwnStore(io, loaded, names, async (store) => {
    const book = createHouseholdBook({
      memory: store,
      names,
      devices: async () => [],
      fileMerges: () => names.rewrites().macMac,
      now: () => io.clock.now(),
      onChange: async () => {},
      remove: () => Promise.reject(new Error("an import removes no figures")),
      restore: async () => false,
    });
    const make: Parameters<typeof book.replace>[0] = (present, nextOwner) =>
      household.documentFor(present, nextOwner, names.rewrites().macMac);
    const before = await keptBeside(store);
    const change = await book.replace(make, household.names, "Imported a household");
    const document = await recallDocument(store);
    const here = (some: Plan) => withIds(some, household.ownerNames, document.owners);
    await keepPlan(store, OF_LINE, plan === null ? null : here(plan));
    await keepOtherPlans(store, new Map(others.map((other) => [subjectIn(other, document), here(other.plan)])));
    if (alerts !== null) {
      const rules = rulesWithIds(alerts.rules, household.ownerNames, document.owners);
      await keepAlertRules(store, { ...alerts, rules });
    }
    if (nameSources !== null) await keepSources(store, changeSources(await keptSources(store), nameSources));
    const isSame = change === null && before === (await keptBeside(store));
    io.stdout.write(isSame ? "Everything was so already.\n" : IMPORTED);
  });
}

const IMPORTED = `The household was imported. Settings, Recent changes on the dashboard takes it back, but for plans, alert rules and name sources.
${SECRETS}
`;

/** What an import changes besides the household, in one text. */
async function keptBeside(store: Pick<Store, "recall">): Promise<string> {
  const others = [...(await otherPlans(store))];
  return JSON.stringify([await planFor(store, OF_LINE), others, await keptAlertRules(store), await keptSources(store)]);
}

async function namesOf(settings: Settings): Promise<NameBook> {
  const names = createNameBook(settings);
  await names.reloadIfChanged();
  return names;
}

interface FromFile {
  readonly household: ReadHousehold;
  readonly plan: Plan | null;
  readonly others: readonly (FilePlan & { readonly plan: Plan })[];
  /** With places of owners; null where they are to stay as they are. */
  readonly alerts: AlertRulesInput | null;
  readonly nameSources: NameSettingsChange | null;
}

async function readFrom(path: string): Promise<FromFile> {
  const text = await textOf(path);
  try {
    const household = readHouseholdFile(JSON.parse(text));
    const others: (FilePlan & { readonly plan: Plan })[] = [];
    for (const { of, plan } of household.plans) {
      const read = await readPlan({ plan });
      if (read !== null) others.push({ of, plan: read });
    }
    const plan = await readPlan({ plan: household.plan });
    const alerts = household.alerts === undefined ? null : await readAlertRules(household.alerts);
    const nameSources = household.nameSources === undefined ? null : await readNameSources(household.nameSources);
    // Refused before anything is changed.
    if (nameSources !== null) changeSources(DEFAULT_SOURCES, nameSources);
    return { household, plan, others, alerts, nameSources };
  } catch (error) {
    const lines = problemsIn(error);
    if (lines === null) throw error;
    throw new CommandError(EXIT.failed, [`${path} was not imported:`, ...lines].join("\n  - "), "Nothing was changed.");
  }
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) {
      throw new CommandError(EXIT.failed, `${path} has ${size} bytes; a household has at most ${MOST_BYTES}.`, "");
    }
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    throw fileError(error, "read", path);
  }
}

function problemsIn(error: unknown): readonly string[] | null {
  if (error instanceof SyntaxError) return [`it is no JSON: ${error.message.slice(0, 200)}`];
  if (error instanceof HouseholdFileError) return error.problems;
  if (error instanceof ValidationError) return [`nameSources: ${error.message}.`];
  if (error instanceof HttpProblem) return [`${placeOf(error)}: ${error.message} ${error.hint ?? ""}`.trim()];
  return null;
}

function placeOf({ code }: HttpProblem): string {
  if (code === "bad-alerts") return "alerts";
  return code === "bad-name-source" ? "nameSources" : "plan";
}

/** The store of the settings, for this process alone. @throws StoreError `busy` while WhiteStat runs */
async function onOwnStore(
  io: Io,
  loaded: OwnSettings & Pick<LoadedSettings, "settings">,
  names: NameBook,
  work: (store: Store) => Promise<void>,
): Promise<void> {
  const { databaseUrl: url, dbFile } = loaded.settings;
  const lock =
    url === null ? takeLock(dbFile, { pid: process.pid, host: hostname(), since: io.clock.now() }) : { release() {} };
  try {
    const store =
      url === null
        ? openSqliteStore({ path: dbFile })
        : await openOwnDatabase(url, io.clock, ownView(loaded, names.rewrites()));
    try {
      await work(store);
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}
