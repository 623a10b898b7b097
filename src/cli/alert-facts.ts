import { isPrivateMac } from "../accounting/address.ts";
import { addDays, type Calendar } from "../accounting/calendar.ts";
import { missedShare } from "../accounting/missed.ts";
import type { Charge, Day } from "../accounting/types.ts";
import { ARCHIVE } from "../accounting/view.ts";
import type { DeviceAmount, Facts, NewDevice, PeriodUsage, PlanFacts } from "../alerts/evaluate.ts";
import { type HouseholdDocument, isNotSame } from "../household/document.ts";
import { comparableName } from "../household/merge-proposals.ts";
import { createDirectory, type Directory, type Naming, ownerNow } from "../http/api/directory.ts";
import { plansReportOf } from "../http/api/plan.ts";
import { LINE, type PlanDeps } from "../http/api/plan-subjects.ts";
import type { ProposalsDeps } from "../http/api/proposals.ts";
import type { AlertRules } from "../shared/alerts-api.ts";
import type { UnusualReport } from "../shared/api.ts";
import type { Problem } from "../shared/status.ts";
import { type Device, type Store, StoreError } from "../store/store.ts";

/** What rules are looked at with. Each fact is asked for as often as it can change anything, and no oftener. */
export interface AlertFacts {
  /** Told of each reading. */
  settled(charges: readonly Pick<Charge, "mac" | "ip">[]): void;
  /** Never rejects: what the store can't say is null. */
  gather(rules: AlertRules): Promise<Facts>;
  /** Asks for everything the next time, e.g. because rules were changed. */
  askAll(): void;
}

export interface AlertFactsDeps extends Naming {
  readonly store: PlanDeps["store"] &
    ProposalsDeps["store"] &
    Pick<Store, "deviceDays" | "deviceSums" | "devices" | "balanceSum">;
  readonly household: ProposalsDeps["household"];
  readonly learnt: ProposalsDeps["learnt"];
  readonly calendar: Calendar;
  readonly now: () => number;
  readonly problems: () => readonly Problem[];
  readonly unusual: () => Promise<UnusualReport>;
  /** When the last reading was settled, ms UTC; null before the first. */
  readonly readAt: () => number | null;
  readonly startedAt: number;
}

type Amount = Pick<DeviceAmount, "key" | "bytes">;

const AMOUNTS_EVERY_MS = 60_000;
const UNUSUAL_EVERY_MS = 300_000;
const MISSED_EVERY_MS = 300_000;
const DEVICES_EVERY_MS = 900_000;
/** Of fewer packets a share says little. */
const ENOUGH_PACKETS = 1_000;

export function createAlertFacts(deps: AlertFactsDeps): AlertFacts {
  const { store, calendar } = deps;
  const askedAt = new Map<string, number>();
  const knownMacs = new Set<string>();
  let hasNewMac = true;
  let lastDay: Day = "";

  function isDue(what: string, everyMs: number, now: number): boolean {
    const before = askedAt.get(what);
    if (before !== undefined && now >= before && now - before < everyMs) return false;
    askedAt.set(what, now);
    return true;
  }

  async function directory(): Promise<Directory> {
    return createDirectory(await store.devices(), deps);
  }

  async function planFacts(): Promise<PlanFacts[]> {
    const { plans } = await plansReportOf(deps);
    return plans.map(({ of, name, plan: { allowance, unit }, cycle: { from, to, used }, forecast }) => {
      return { of, name, from, to, used, allowance, expected: forecast?.expected ?? null, unit };
    });
  }

  async function usageFacts(
    { usage }: AlertRules,
    today: Day,
    plans: readonly PlanFacts[],
  ): Promise<PeriodUsage[] | null> {
    if (usage.length === 0) return null;
    const known = await directory();
    const ofDay = usage.some(({ per }) => per === "day") ? await store.deviceDays(today, today) : [];
    const cycles = usage.map((rule) => (rule.per === "cycle" ? cycleOf(rule, plans, known) : null));
    const starts = [...new Set(cycles.flatMap((cycle) => cycle?.from ?? []))];
    const sums = starts.length === 0 ? [] : await store.deviceSums(starts.map((from) => ({ from, to: today })));
    return usage.map((rule, index) => {
      const device = rule.device === null ? null : known.idOf(rule.device);
      const cycle = cycles[index] ?? null;
      const span = starts.indexOf(cycle?.from ?? "");
      const ofPeriod = rule.per === "day" ? ofDay : sums.filter((sum) => sum.span === span);
      const rows = ofPeriod.filter((row) => rule.device === null || row.device === device);
      const amounts = rows.flatMap((row) => {
        const key = known.keyOf(row.device);
        const bytes = rule.counts === "download" ? row.in : rule.counts === "upload" ? row.out : row.in + row.out;
        return key === null ? [] : [{ key, bytes }];
      });
      const found = rule.owner == null ? named(amounts, known) : ofOwner(rule.owner, amounts);
      return { until: cycle?.to ?? today, devices: found.filter(({ bytes }) => bytes > rule.bytes) };
    });
  }

  /** The cycle that a limit is for: that of a plan of its own, or else the line's; null without either. */
  function cycleOf(
    { device, owner }: AlertRules["usage"][number],
    plans: readonly PlanFacts[],
    known: Directory,
  ): PlanFacts | null {
    const key = device === null ? null : known.idOf(device);
    const of = owner != null ? `owner:${owner}` : key === null ? LINE : `device:${known.keyOf(key)}`;
    return plans.find((plan) => plan.of === of) ?? plans.find((plan) => plan.of === LINE) ?? null;
  }

  function named(amounts: readonly Amount[], known: Directory): DeviceAmount[] {
    return amounts.map(({ key, bytes }) => ({ key, name: nameIn(known, key), bytes }));
  }

  /** What the devices of an owner used together; nothing of one who is no more. */
  function ofOwner(id: number, amounts: readonly Amount[]): DeviceAmount[] {
    const owner = deps.household.document().owners[id];
    if (owner === undefined) return [];
    const his = amounts.filter(({ key }) => ownerNow(deps, key) === id);
    return [{ key: `owner ${id}`, name: owner.name, bytes: his.reduce((sum, { bytes }) => sum + bytes, 0) }];
  }

  async function newDevices(today: Day): Promise<NewDevice[]> {
    const [range, devices] = [await store.range(), await store.devices()];
    for (const { interfaces } of devices) for (const mac of interfaces) knownMacs.add(mac);
    const known = createDirectory(devices, deps);
    const since = addDays(today, -1);
    const document = deps.household.document();
    return (
      devices
        .filter(({ router, key, firstDay }) => !router && key !== ARCHIVE && firstDay >= since)
        // What was there when measuring began was there before.
        .filter(({ firstDay }) => range !== null && firstDay > range.first)
        .map((fresh) => ({
          key: fresh.key,
          name: nameIn(known, fresh.key),
          firstDay: fresh.firstDay,
          privateMac: isPrivateMac(fresh.key),
          isProbablyKnown: isPrivateMac(fresh.key) && devices.some((one) => isProbablyOne(one, fresh, document)),
        }))
    );
  }

  /**
   * Whether a device that is new goes by the name of one that was there before. What is proposed as one, in `proposalsOf`,
   * is among these: it takes the same names, and weeks beside.
   */
  function isProbablyOne(before: Device, fresh: Device, document: HouseholdDocument): boolean {
    if (before.key === fresh.key || before.firstDay >= fresh.firstDay) return false;
    if (before.interfaces.some((one) => fresh.interfaces.some((other) => isNotSame(document, one, other))))
      return false;
    return (fresh.hostname !== null && before.hostname === fresh.hostname) || areOfOneName(before, fresh);
  }

  /** Whether devices call themselves alike, by DHCP or multicast DNS: what a new MAC shows of itself on its first day. */
  function areOfOneName(before: Device, fresh: Device): boolean {
    const namesOf = ({ interfaces }: Device) =>
      interfaces
        .flatMap((one) => deps.learnt.namesOf(one))
        .flatMap(({ name, kind }) => (kind === "lease" || kind === "mdns" ? (comparableName(name) ?? []) : []));
    const own = new Set(namesOf(fresh));
    return own.size > 0 && namesOf(before).some((name) => own.has(name));
  }

  async function missed(today: Day): Promise<number | null> {
    const sum = await store.balanceSum(today, today);
    return sum === null || sum.captured < ENOUGH_PACKETS ? null : missedShare(sum);
  }

  return {
    settled(charges) {
      for (const { mac, ip } of charges) {
        const key = mac ?? ip;
        if (mac === null || knownMacs.has(key)) continue;
        knownMacs.add(key);
        hasNewMac = true;
      }
    },
    async gather(rules) {
      const now = deps.now();
      const today = calendar.dayOf(now);
      if (today !== lastDay) askedAt.clear();
      lastDay = today;
      const isAmountsDue = isDue("amounts", AMOUNTS_EVERY_MS, now);
      const wantsPlan = rules.plan !== null || rules.usage.some(({ per }) => per === "cycle");
      const plans = isAmountsDue && wantsPlan ? await orNull(planFacts()) : null;
      const usage = isAmountsDue ? await orNull(usageFacts(rules, today, plans ?? [])) : null;
      const areDevicesDue = isDue("devices", hasNewMac ? AMOUNTS_EVERY_MS : DEVICES_EVERY_MS, now);
      if (areDevicesDue) hasNewMac = false;
      const found = rules.unusual && isDue("unusual", UNUSUAL_EVERY_MS, now) ? await orNull(deps.unusual()) : null;
      const wantsMissed = rules.missed !== null && isDue("missed", MISSED_EVERY_MS, now);
      return {
        now,
        today,
        plans,
        usage,
        newDevices: areDevicesDue ? await orNull(newDevices(today)) : null,
        unusual:
          found?.unusual.map(({ device, direction, sentence }) => ({
            key: device.key,
            name: nameOf(device),
            direction,
            sentence,
          })) ?? null,
        readAt: deps.readAt() ?? deps.startedAt,
        missedShare: wantsMissed ? await orNull(missed(today)) : null,
        problems: deps.problems(),
      };
    },
    askAll() {
      askedAt.clear();
    },
  };
}

function nameIn(directory: Directory, key: string): string {
  return nameOf(directory.describe(key));
}

function nameOf({ key, name, hostname, vendor }: ReturnType<Directory["describe"]>): string {
  return name ?? hostname ?? vendor ?? key;
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}
