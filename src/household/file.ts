import { ARCHIVE } from "../accounting/view.ts";
import { DEVICE_TYPES, OWNER_COLOURS } from "../shared/household-words.ts";
import {
  canonicalKey,
  checkDay,
  checkDeviceName,
  checkMac,
  checkNote,
  checkOwnerName,
  LIMITS,
  problemOf,
  shown,
} from "./check.ts";
import {
  type DeviceFacts,
  factsOf,
  type Hand,
  type HouseholdDocument,
  handsOf,
  pairOf,
  type Units,
} from "./document.ts";
import { mergesOf } from "./merges.ts";
import { rulesWithNames, rulesWithPlaces, withNames, withPlaces } from "./plan-owners.ts";

/**
 * The whole set-up as one readable file: what `whitestat export --household` writes and `import --household` reads. Owners are
 * named in it, not numbered, and devices are named by their key; a person may edit it.
 */
export interface HouseholdFile {
  readonly whitestat: "household";
  readonly version: 1;
  readonly owners: readonly { readonly name: string; readonly colour: number }[];
  readonly devices: readonly FileDevice[];
  /** Interfaces that are a device of their own, whatever MAC_MAC.txt says. */
  readonly split: readonly string[];
  readonly notSame: readonly (readonly [string, string])[];
  readonly routers: readonly { readonly mac: string; readonly router: boolean }[];
  readonly units: Units | null;
  /** The data plan, as `api/v1/plan` has it, but for owners who don't count: they are named; null for none. */
  readonly plan: unknown;
  /** The plans of owners, devices and meters. */
  readonly plans: readonly FilePlan[];
  /** What is told, and when not, as `api/v1/alerts` has it, but for owners: they are named. Channels hold secrets. */
  readonly alerts?: { readonly rules: unknown; readonly quiet: unknown };
  /** Where names are looked for, as `api/v1/name-sources` takes it, without passwords. */
  readonly nameSources?: unknown;
}

/** What is in a file besides the household itself; what is left out is not in it. */
export type Besides = Pick<HouseholdFile, "alerts" | "nameSources">;

/** Whose a plan is; one of the three. */
export interface PlanOf {
  readonly owner?: string;
  readonly device?: string;
  readonly meter?: string;
}

export interface FilePlan {
  readonly of: PlanOf;
  /** As `api/v1/plan` has it. */
  readonly plan: unknown;
}

interface FileDevice {
  readonly key: string;
  readonly name?: string;
  readonly type?: string;
  readonly note?: string;
  readonly hidden?: true;
  readonly archived?: true;
  readonly owners?: readonly { readonly from: string | null; readonly owner: string | null }[];
  /** Others that are part of it. */
  readonly interfaces?: readonly string[];
}

/** What is read from a file. */
export interface ReadHousehold {
  /** Names of devices, by key. */
  readonly names: ReadonlyMap<string, string>;
  /** As `api/v1/plan` has it; but owners who don't count are places in `ownerNames`, from 1 on. */
  readonly plan: unknown;
  readonly plans: readonly FilePlan[];
  /** As `api/v1/alerts` has them, but owners are places; undefined where the file has none. */
  readonly alerts: { readonly rules: unknown; readonly quiet: unknown } | undefined;
  readonly nameSources: unknown;
  /** Lower-case. */
  readonly ownerNames: readonly string[];
  /**
   * The document of the file. An owner who is there by name keeps the id.
   * @param fileMerges the lines of MAC_MAC.txt here: what they say already isn't said again
   */
  documentFor(
    present: HouseholdDocument,
    nextOwner: number,
    fileMerges: ReadonlyMap<string, string>,
  ): HouseholdDocument;
}

/** What is wrong in a file, place by place. */
export class HouseholdFileError extends Error {
  override readonly name = "HouseholdFileError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super("The file is no household that could be taken in.");
    this.problems = problems;
  }
}

const PROBLEMS_AT_MOST = 20;

/**
 * @param names those of MAC_HOST.txt, by key
 * @param fileMerges the lines of MAC_MAC.txt
 * @param others plans of meters, owners and devices, by whose they are as the API writes it
 */
export function householdFile(
  document: HouseholdDocument,
  names: ReadonlyMap<string, string>,
  fileMerges: ReadonlyMap<string, string>,
  plan: unknown,
  others: ReadonlyMap<string, unknown>,
  { alerts, nameSources }: Besides = {},
): HouseholdFile {
  const owners = Object.values(document.owners).map(({ name, colour }) => ({ name, colour }));
  const interfaces = new Map<string, string[]>();
  for (const [mac, target] of mergesOf(document, fileMerges)) {
    interfaces.set(target, [...(interfaces.get(target) ?? []), mac]);
  }
  const parts = [Object.keys(document.devices), Object.keys(document.hands), names.keys(), interfaces.keys()];
  const keys = new Set(parts.flatMap((some) => [...some]));
  const ownerName = (id: number | null) => (id === null ? null : (document.owners[id]?.name ?? null));
  const devices = [...keys].sort().map((key): FileDevice => {
    const name = names.get(key);
    const hands = handsOf(document, key).map(({ from, owner }) => ({ from, owner: ownerName(owner) }));
    const own = interfaces.get(key)?.sort();
    return {
      key,
      ...(name === undefined ? {} : { name }),
      // In one order whatever was said first, so that two files can be compared.
      ...Object.fromEntries(Object.entries(factsOf(document, key)).sort()),
      ...(hands.length === 0 ? {} : { owners: hands }),
      ...(own === undefined ? {} : { interfaces: own }),
    };
  });
  return {
    whitestat: "household",
    version: 1,
    owners,
    devices,
    split: Object.entries(document.merges)
      .flatMap(([mac, target]) => (mac === target ? [mac] : []))
      .sort(),
    notSame: Object.keys(document.notSame)
      .sort()
      .map((pair): [string, string] => {
        const [one = "", other = ""] = pair.split(" ");
        return [one, other];
      }),
    routers: Object.entries(document.routers)
      .sort()
      .map(([mac, router]) => ({ mac, router })),
    units: document.settings.units ?? null,
    plan: withNames(plan, document.owners),
    plans: [...others].flatMap(([of, given]): FilePlan[] => {
      const other = withNames(given, document.owners);
      const [, kind, id = ""] = /^(owner|device|meter):(.+)$/s.exec(of) ?? [];
      if (kind === "device" || kind === "meter") return [{ of: { [kind]: id }, plan: other }];
      const owner = ownerName(Number(id));
      // That of an owner who was deleted has nobody to belong to.
      return kind === "owner" && owner !== null ? [{ of: { owner }, plan: other }] : [];
    }),
    ...(alerts === undefined ? {} : { alerts: { ...alerts, rules: rulesWithNames(alerts.rules, document.owners) } }),
    ...(nameSources === undefined ? {} : { nameSources }),
  };
}

/** Whose a plan of a file is, as the API writes it. @param document the one that was made of the file */
export function subjectIn({ of }: FilePlan, { owners }: HouseholdDocument): string {
  if (of.owner === undefined) return of.device === undefined ? `meter:${of.meter}` : `device:${of.device}`;
  const wanted = of.owner.toLowerCase();
  return `owner:${Object.entries(owners).find(([, { name }]) => name.toLowerCase() === wanted)?.[0]}`;
}

/** Reads what stands in such a file. @throws HouseholdFileError with all that is wrong, the first 20 of it */
export function readHouseholdFile(value: unknown): ReadHousehold {
  const problems: string[] = [];
  /** What `read` makes of a place; undefined where it refuses, which is told. */
  const at = <T>(place: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const hint = "hint" in error && typeof error.hint === "string" && error.hint !== "" ? ` ${error.hint}` : "";
      problems.push(`${place}: ${error.message}${hint}`);
      return undefined;
    }
  };
  const file = at("the file", () => {
    const fields = fieldsOf(value, FIELDS);
    if (fields.whitestat !== "household" || fields.version !== 1) {
      throw new Error(
        'it doesn\'t begin with "whitestat": "household", "version": 1. `whitestat export --household` writes one.',
      );
    }
    return fields;
  });
  if (file === undefined) throw new HouseholdFileError(problems);

  const owners = new Map<string, { name: string; colour: number }>();
  for (const [place, row] of rowsOf("owners", file.owners, LIMITS.owners, at)) {
    at(place, () => {
      const { name, colour } = fieldsOf(row, ["name", "colour"]);
      const checked = checkOwnerName(textOf("name", name));
      if (owners.has(checked.toLowerCase())) throw new Error(`${shown(checked)} is there twice.`);
      const isColour = typeof colour === "number" && Number.isInteger(colour) && colour >= 1 && colour <= OWNER_COLOURS;
      if (!isColour) throw new Error(`colour is a number from 1 to ${OWNER_COLOURS}.`);
      owners.set(checked.toLowerCase(), { name: checked, colour });
    });
  }

  const names = new Map<string, string>();
  const devices: Record<string, DeviceFacts> = {};
  /** With the owner's name, folded. */
  const hands = new Map<string, { from: string | null; owner: string | null }[]>();
  const merges: Record<string, string> = {};
  const seen = new Set<string>();
  for (const [place, row] of rowsOf("devices", file.devices, 2 * LIMITS.entries, at)) {
    at(place, () => {
      const fields = fieldsOf(row, DEVICE_FIELDS);
      const key = keyOf("key", fields.key);
      if (seen.has(key)) throw new Error(`${key} is there twice.`);
      seen.add(key);
      const name = fields.name === undefined ? null : checkDeviceName(textOf("name", fields.name));
      if (name !== null) names.set(key, name);
      const facts = factsIn(fields);
      if (Object.keys(facts).length > 0) devices[key] = facts;
      const list = handsIn(fields.owners, owners);
      if (list.length > 0) hands.set(key, list);
      for (const one of listOf("interfaces", fields.interfaces ?? [])) {
        const mac = keyOf("interfaces", one);
        if (mac === key || key === ARCHIVE || mac === ARCHIVE) throw new Error(`${mac} can't be part of ${key}.`);
        if (Object.hasOwn(merges, mac)) throw new Error(`${mac} is part of two devices.`);
        merges[mac] = key;
      }
    });
  }
  for (const [place, row] of rowsOf("split", file.split, LIMITS.entries, at)) {
    at(place, () => {
      const mac = keyOf("it", row);
      if (Object.hasOwn(merges, mac)) throw new Error(`${mac} is part of a device above.`);
      merges[mac] = mac;
    });
  }
  const notSame: Record<string, true> = {};
  for (const [place, row] of rowsOf("notSame", file.notSame, LIMITS.entries, at)) {
    at(place, () => {
      const [one, other, more] = listOf("it", row);
      if (more !== undefined) throw new Error("it is a pair.");
      notSame[pairOf(keyOf("the first", one), keyOf("the second", other))] = true;
    });
  }
  const routers: Record<string, boolean> = {};
  for (const [place, row] of rowsOf("routers", file.routers, LIMITS.entries, at)) {
    at(place, () => {
      const { mac, router } = fieldsOf(row, ["mac", "router"]);
      if (typeof router !== "boolean") throw new Error("router is true or false.");
      routers[checkMac(textOf("mac", mac))] = router;
    });
  }
  const plans: FilePlan[] = [];
  for (const [place, row] of rowsOf("plans", file.plans, LIMITS.entries, at)) {
    at(place, () => {
      const { of, plan } = fieldsOf(row, ["of", "plan"]);
      plans.push({ of: planOfIn(of, owners), plan: withPlaces(plan, [...owners.keys()]) });
    });
  }
  const plan = at("plan", () => withPlaces(file.plan ?? null, [...owners.keys()]));
  const alerts = at("alerts", () => {
    if (file.alerts === undefined) return undefined;
    const { rules, quiet = null } = fieldsOf(file.alerts, ["rules", "quiet"]);
    return { rules: rulesWithPlaces(rules, [...owners.keys()]), quiet };
  });
  const units = at("units", (): Units | null => {
    const { units: given = null } = file;
    if (given === null || given === 1000 || given === 1024) return given;
    throw new Error("it is 1000, 1024 or null.");
  });

  function documentFor(present: HouseholdDocument, nextOwner: number, fileMerges: ReadonlyMap<string, string>) {
    const known = new Map(Object.entries(present.owners).map(([id, { name }]) => [name.toLowerCase(), Number(id)]));
    let next = nextOwner;
    const ids = new Map([...owners.keys()].map((name) => [name, known.get(name) ?? next++]));
    const idOf = (name: string | null) => (name === null ? null : (ids.get(name) ?? null));
    const said = Object.entries(merges).filter(
      ([mac, target]) => Object.hasOwn(present.merges, mac) || fileMerges.get(mac) !== target,
    );
    return {
      owners: Object.fromEntries([...owners].map(([name, owner]) => [`${ids.get(name)}`, owner])),
      devices,
      hands: Object.fromEntries(
        [...hands].map(([key, list]): [string, Hand[]] => [
          key,
          list.map((hand) => ({ ...hand, owner: idOf(hand.owner) })),
        ]),
      ),
      merges: Object.fromEntries(said),
      notSame,
      routers,
      settings: units == null ? {} : { units },
    };
  }

  const nothing: HouseholdDocument = {
    owners: {},
    devices: {},
    hands: {},
    merges: {},
    notSame: {},
    routers: {},
    settings: {},
  };
  const problem = problems.length === 0 ? problemOf(documentFor(nothing, 1, new Map())) : null;
  if (problem !== null) problems.push(problem);
  if (problems.length > 0) {
    const more = problems.length - PROBLEMS_AT_MOST;
    const told = problems.slice(0, PROBLEMS_AT_MOST);
    throw new HouseholdFileError(more > 0 ? [...told, `And ${more} more.`] : told);
  }
  const { nameSources } = file;
  return { names, plan, plans, alerts, nameSources, ownerNames: [...owners.keys()], documentFor };
}

const FIELDS = [
  "whitestat",
  "version",
  "owners",
  "devices",
  "split",
  "notSame",
  "routers",
  "units",
  "plan",
  "plans",
  "alerts",
  "nameSources",
] as const;
const DEVICE_FIELDS = ["key", "name", "type", "note", "hidden", "archived", "owners", "interfaces"] as const;

type At = <T>(place: string, read: () => T) => T | undefined;

/** The rows of a list with their places; a list that is left out is empty. */
function rowsOf(name: string, value: unknown, most: number, at: At): [string, unknown][] {
  const rows = at(name, () => {
    const list = listOf("it", value ?? []);
    if (list.length > most) throw new Error(`it has ${list.length} rows; at most ${most} are allowed.`);
    return list;
  });
  return (rows ?? []).map((row, index) => [`${name}, row ${index + 1}`, row]);
}

function listOf(what: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${what} is a list.`);
}

/** The fields of an object that may have no others. */
function fieldsOf<Name extends string>(value: unknown, allowed: readonly Name[]): Partial<Record<Name, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is no object.");
  const names: readonly string[] = allowed;
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`the field ${shown(unknown)} is unknown. Allowed: ${allowed.join(", ")}.`);
  return value as Partial<Record<Name, unknown>>;
}

function textOf(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`${what} is a text.`);
}

function keyOf(what: string, value: unknown): string {
  const key = typeof value === "string" ? canonicalKey(value) : null;
  if (key !== null) return key;
  const found = typeof value === "string" ? `${shown(value)} ` : "";
  throw new Error(`${what}: ${found}is neither a MAC nor an IP address, such as 02:1a:2b:00:00:05.`);
}

/** Whose a plan is. */
function planOfIn(value: unknown, owners: ReadonlyMap<string, unknown>): PlanOf {
  const fields = fieldsOf(value, ["owner", "device", "meter"]);
  const [[kind, id] = ["", ""], ...more] = Object.entries(fields);
  if (kind === "" || more.length > 0) throw new Error('of is one of owner, device and meter, as {"owner": "Kids"}.');
  if (kind === "device") return { device: keyOf("device", id) };
  const text = textOf(kind, id);
  if (kind === "owner" && !owners.has(text.toLowerCase())) throw new Error(`${shown(text)} is not among the owners.`);
  return { [kind]: text };
}

function factsIn(fields: Partial<Record<(typeof DEVICE_FIELDS)[number], unknown>>): DeviceFacts {
  const type = DEVICE_TYPES.find((one) => one === fields.type);
  if (fields.type !== undefined && type === undefined) throw new Error(`type is one of ${DEVICE_TYPES.join(", ")}.`);
  const note = fields.note === undefined ? null : checkNote(textOf("note", fields.note));
  for (const flag of ["hidden", "archived"] as const) {
    if (fields[flag] !== undefined && typeof fields[flag] !== "boolean") throw new Error(`${flag} is true or false.`);
  }
  return {
    ...(type === undefined ? {} : { type }),
    ...(note === null ? {} : { note }),
    ...(fields.hidden === true ? { hidden: true } : {}),
    ...(fields.archived === true ? { archived: true } : {}),
  };
}

function handsIn(
  value: unknown,
  owners: ReadonlyMap<string, unknown>,
): { from: string | null; owner: string | null }[] {
  let last: string | null = null;
  return listOf("owners", value ?? []).map((row, index) => {
    const { from = null, owner = null } = fieldsOf(row, ["from", "owner"]);
    const day = from === null ? null : checkDay(textOf("from", from));
    if (index > 0 && (day === null || (last !== null && day <= last)))
      throw new Error("owners are in the order of their days.");
    last = day;
    const name = owner === null ? null : textOf("owner", owner).toLowerCase();
    if (name !== null && !owners.has(name))
      throw new Error(`${shown(textOf("owner", owner))} is not among the owners.`);
    return { from: day, owner: name };
  });
}
