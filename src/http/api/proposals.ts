import type { HouseholdBook } from "../../household/book.ts";
import { isNotSame } from "../../household/document.ts";
import { type Candidate, comparableName, type MergeProposal, proposeMerges } from "../../household/merge-proposals.ts";
import type { Step } from "../../shared/household-api.ts";
import type { Proposal, Proposals } from "../../shared/proposals-api.ts";
import type { Device, DeviceDay, DeviceHour, Store } from "../../store/store.ts";
import { nextTurn } from "../event-loop.ts";
import type { LearntNames } from "../learnt-names.ts";
import { createDirectory, type Naming } from "./directory.ts";

export interface ProposalsDeps extends Naming {
  readonly store: Pick<Store, "devices" | "historyOf" | "hoursOf">;
  readonly household: Pick<HouseholdBook, "load" | "document">;
  readonly learnt: Pick<LearntNames, "learntName" | "namesOf">;
}

/** Devices whose days are read for it, the latest first: each costs a question to the store. */
const MOST_CANDIDATES = 200;

/** Which devices are probably one: the response to `api/v1/proposals`. Nothing is changed by asking. @throws StoreError */
export async function proposalsOf(deps: ProposalsDeps): Promise<Proposals> {
  const { store, household, learnt } = deps;
  await household.load();
  const document = household.document();
  const devices = (await store.devices()).filter(({ router }) => !router);
  const candidates: Candidate[] = [];
  for (const [device, names] of devicesOfOneName(devices, learnt)) {
    candidates.push(await candidateOf(store, device, names));
    await nextTurn();
  }
  const directory = createDirectory(devices, deps);
  const byKey = new Map(devices.map((device) => [device.key, device]));
  const proposals = proposeMerges(
    candidates,
    (one, other) => isNotSame(document, one, other),
    deps.calendar.dayOf(deps.now()),
  );
  return {
    proposals: proposals.map((proposal): Proposal => {
      const { devices: keys, name, kinds } = proposal;
      return {
        devices: keys.map((key) => directory.describe(key)),
        name,
        kinds: [...kinds],
        evidence: evidenceOf(proposal),
        steps: { merge: mergeSteps(keys, deps), notSame: notSameSteps(keys, byKey) },
      };
    }),
  };
}

/** Devices that call themselves as another one does, with what they call themselves: the others need not be looked at. */
function devicesOfOneName(
  devices: readonly Device[],
  learnt: ProposalsDeps["learnt"],
): Map<Device, Candidate["names"]> {
  const named = devices.flatMap((device): [Device, Candidate["names"]][] => {
    const all = device.interfaces.flatMap((key) => learnt.namesOf(key));
    const own = all.filter(({ kind }) => kind === "lease" || kind === "mdns");
    return own.length === 0 ? [] : [[device, own]];
  });
  const count = new Map<string, number>();
  const comparable = (names: Candidate["names"]) => new Set(names.map(({ name }) => comparableName(name) ?? ""));
  for (const [, names] of named) for (const name of comparable(names)) count.set(name, (count.get(name) ?? 0) + 1);
  const shared = named.filter(([, names]) =>
    [...comparable(names)].some((name) => name !== "" && (count.get(name) ?? 0) > 1),
  );
  return new Map(shared.sort(([one], [other]) => (one.lastDay < other.lastDay ? 1 : -1)).slice(0, MOST_CANDIDATES));
}

async function candidateOf(
  store: ProposalsDeps["store"],
  { id, key, interfaces }: Device,
  names: Candidate["names"],
): Promise<Candidate> {
  // What a device is sent when it is gone is not its own doing.
  const isActive = (use: DeviceDay | DeviceHour) => use.out > 0;
  const days = (await store.historyOf(id)).filter(isActive).map(({ day }) => day);
  const hoursOn = async (day: string | undefined) => {
    const hours = day === undefined ? [] : await store.hoursOf(id, day, day);
    // An hour that is an estimate proves nothing.
    return hours.some(({ reconstructed }) => reconstructed) ? [] : hours.filter(isActive).map(({ hour }) => hour);
  };
  const [first, last] = [await hoursOn(days[0]), await hoursOn(days.at(-1))];
  return {
    key,
    interfaces,
    names,
    days,
    firstHour: first.length === 0 ? null : Math.min(...first),
    lastHour: last.length === 0 ? null : Math.max(...last),
  };
}

const KINDS: Readonly<Record<string, string>> = { lease: "DHCP", mdns: "multicast DNS" };

function evidenceOf({ devices, name, kinds, steps }: MergeProposal): string[] {
  const by = kinds.map((kind) => KINDS[kind] ?? kind).join(" and ");
  const follows = steps.map(({ lastDay, firstDay, onOneDay }, at) => {
    const [before, after] = [devices[at], devices[at + 1]];
    return onOneDay
      ? `${after} was first active on ${firstDay}, after ${before} was last active that day`
      : `${before} was last active on ${lastDay}, ${after} first on ${firstDay}`;
  });
  const all = devices.length === 2 ? "Both" : `All ${devices.length}`;
  return [
    `${all} call themselves "${name}" (${by})`,
    ...follows,
    "They were never active at the same time",
    "The later MAC was made up by the device itself (private)",
  ];
}

/** The one that a person named stays, else the latest: it is the one that is here. */
function mergeSteps(keys: readonly string[], { nameOf }: Pick<Naming, "nameOf">): Step[] {
  const device = keys.find((key) => nameOf(key) !== null) ?? keys.at(-1) ?? "";
  return [{ do: "merge", device, with: keys.filter((key) => key !== device) }];
}

function notSameSteps(keys: readonly string[], byKey: ReadonlyMap<string, Device>): Step[] {
  const first = (key: string) => byKey.get(key)?.interfaces[0] ?? key;
  return keys.flatMap((key, at) =>
    keys.slice(at + 1).map((other): Step => ({ do: "not-same", devices: [first(key), first(other)] })),
  );
}
