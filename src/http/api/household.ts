import { isMac, isPrivateMac } from "../../accounting/address.ts";
import type { Change, HouseholdBook } from "../../household/book.ts";
import { factsOf, handsOf } from "../../household/document.ts";
import { HouseholdError } from "../../household/error.ts";
import type { Changed, Household, Step } from "../../shared/household-api.ts";
import { type Device, type Store, StoreError } from "../../store/store.ts";
import { HttpProblem } from "../errors.ts";
import { unknownDevice } from "../naming.ts";
import { createDirectory, guessOf, type Naming, ownerNow } from "./directory.ts";

export interface HouseholdDeps extends Naming {
  readonly store: Pick<Store, "devices" | "routers" | "removals" | "historyOf">;
  readonly household: HouseholdBook;
  /** What the settings and this machine say of routers. */
  readonly routerFacts: () => RouterFacts;
  /** The lines of MAC_MAC.txt. */
  readonly fileMerges: () => ReadonlyMap<string, string>;
}

/** MACs that the settings name as routers, and those that they say are none; MACs of next hops of this machine. */
export interface RouterFacts {
  readonly macs: readonly string[];
  readonly none: readonly string[];
  readonly nextHops: readonly string[];
}

const MOST_DEVICES = 2_000;
const MOST_INTERFACES = 100;
const MOST_CHANGES = 100;

export const CHANGE_EXAMPLE =
  'Send for example {"steps": [{"do": "merge", "device": "02:1a:2b:00:00:05", "with": ["02:1a:2b:00:00:06"]}]}';

/** Everything that people say of their things: the response to `api/v1/household`. @throws StoreError */
export async function householdOf(deps: HouseholdDeps): Promise<Household> {
  const { store, household, calendar } = deps;
  await household.load();
  const removals = await store.removals();
  const devices = (await store.devices()).filter(({ router }) => !router);
  const routers = await routersOf(deps);
  const document = household.document();
  const today = calendar.dayOf(deps.now());
  const directory = createDirectory(devices, deps);
  const listed = devices
    .toSorted((one, other) => compare(other.lastDay, one.lastDay) || compare(one.key, other.key))
    .slice(0, MOST_DEVICES);
  const counts = new Map<number, number>();
  for (const device of devices) {
    const owner = ownerNow(deps, device.key);
    if (owner !== null) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const kept = new Set(removals.map(({ id }) => id));
  return {
    today,
    owners: Object.entries(document.owners)
      .map(([id, owner]) => ({ id: Number(id), ...owner, devices: counts.get(Number(id)) ?? 0 }))
      .sort((one, other) => compare(one.name.toLowerCase(), other.name.toLowerCase())),
    devices: listed.map((device) => ({ ...directory.describe(device.key), ...aboutOf(deps, device) })),
    routers,
    notSame: Object.keys(document.notSame).map((pair) => {
      const [one = "", other = ""] = pair.split(" ");
      return [one, other];
    }),
    removals: removals.map(({ in: download, out: upload, ...removal }) => ({ ...removal, download, upload })),
    changes: household
      .changes()
      .slice(0, MOST_CHANGES)
      .map((change) => (change.kind === "remove" && !kept.has(change.id) ? { ...change, undone: true } : change))
      .map(doneOf),
    units: document.settings.units ?? null,
  };
}

/** What a device is besides its figures. */
export function aboutOf(deps: Naming & Pick<HouseholdDeps, "fileMerges">, device: Device): DeviceAbout {
  const document = deps.household.document();
  const inFile = deps.fileMerges();
  const merged = (key: string) => {
    if (key === device.key) return null;
    return Object.hasOwn(document.merges, key) ? "page" : inFile.has(key) ? "file" : null;
  };
  return {
    note: factsOf(document, device.key).note ?? null,
    guess: guessOf(deps, device),
    interfaces: device.interfaces.slice(0, MOST_INTERFACES).map((key) => {
      const privateMac = isPrivateMac(key);
      const vendor = isMac(key) && !privateMac ? deps.vendorOf(key) : null;
      return { key, vendor, privateMac, merged: merged(key) };
    }),
    owners: [...handsOf(document, device.key)],
  };
}

type DeviceAbout = Pick<Household["devices"][number], "note" | "guess" | "interfaces" | "owners">;

async function routersOf(deps: HouseholdDeps): Promise<Household["routers"]> {
  const { store, household, routerFacts } = deps;
  const { macs, none, nextHops } = routerFacts();
  const { routers: said } = household.document();
  const found = new Map((await store.routers()).map((router) => [router.mac, router]));
  const all = new Set([...found.keys(), ...none, ...Object.keys(said)]);
  return [...all].sort().map((mac) => {
    const one = found.get(mac);
    return {
      mac,
      name: deps.nameOf(mac),
      vendor: isMac(mac) && !isPrivateMac(mac) ? deps.vendorOf(mac) : null,
      router: one !== undefined,
      said: Object.hasOwn(said, mac) ? (said[mac] ?? null) : null,
      found: one?.since == null ? null : { since: one.since, networks: one.networks },
      nextHop: nextHops.includes(mac),
      setting: macs.includes(mac) ? true : none.includes(mac) ? false : null,
    };
  });
}

/** The steps in the body of a request. @throws HttpProblem `bad-change` */
export async function readSteps(value: unknown): Promise<readonly Step[]> {
  const { changeInputSchema } = await import("../../shared/household-api.ts");
  const { success, data, error } = changeInputSchema.safeParse(value);
  if (success) return data.steps;
  const [issue] = error.issues;
  const place = (issue?.path ?? []).join(".");
  const message = place === "" ? "The body is no change." : `${place}: ${issue?.message ?? "isn't allowed"}.`;
  throw new HttpProblem("bad-change", message, CHANGE_EXAMPLE);
}

/** The id of a change in an address. @throws HttpProblem `unknown-change` */
export function readChangeId(text: string): number {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (id > 0) return id;
  throw new HttpProblem("unknown-change", "There is no such change.", "GET household lists those that can be undone.");
}

/** Takes steps, or refuses them all. @throws HttpProblem, StoreError */
export async function changeHousehold(
  { household }: Pick<HouseholdDeps, "household">,
  steps: readonly Step[],
): Promise<Changed> {
  const { change, owners } = await refusing(() => household.change(steps));
  return { change: change === null ? null : doneOf(change), owners: [...owners] };
}

/** Takes a change back. @throws HttpProblem, StoreError */
export async function undoChange({ household }: Pick<HouseholdDeps, "household">, id: number): Promise<Changed> {
  return { change: doneOf(await refusing(() => household.undo(id))), owners: [] };
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof HouseholdError) {
      throw new HttpProblem(cause.code, cause.message, cause.hint === "" ? undefined : cause.hint, { cause });
    }
    if (cause instanceof StoreError) throw cause;
    throw new HttpProblem(
      "not-saved",
      "The change could not be saved.",
      "See that the data folder and MAC_HOST.txt in it can be written and the disk has room, then try again.",
      { cause },
    );
  }
}

function doneOf({ id, at, kind, text, undone }: Change): Household["changes"][number] {
  return { id, at, kind, text, undone };
}

/** The device of a key. @throws HttpProblem `unknown-device` */
export async function deviceOf({ store }: { readonly store: Pick<Store, "devices"> }, key: string): Promise<Device> {
  const device = (await store.devices()).find((one) => one.key === key || one.interfaces.includes(key));
  if (device === undefined) throw unknownDevice(key);
  return device;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
