import type { Balance, Books, Bytes, Day, Note, Settlement, Traffic } from "../accounting/types.ts";
import type { Role, View } from "../accounting/view.ts";

/**
 * Which addresses a store reports while the settings have no IPFilter: all of them where it was made new, IPv4 where it
 * was taken over from a version that showed no others, or made before this was kept.
 */
export type DefaultAddresses = "all" | "ipv4";

/** Its name in the store's memory. */
export const DEFAULT_ADDRESSES = "default-addresses";

/** The settings that a store answers by, as far as they follow from what it remembers. */
export type ViewOf = (memory: Pick<Store, "recall">) => View | Promise<View>;

/**
 * Where figures live. The interface is asynchronous so that an engine behind a network can be the next one;
 * `contract.ts` holds every engine to it. Days are inclusive at both ends. Amounts are bytes.
 */
export interface Store {
  /** The books of a source as of the last checkpoint or recorded settlement; null if it was never read. */
  books(source: string): Promise<Books | null>;
  /**
   * Takes a settlement whole: its charges, its baselines, its notes. Every query sees it at once;
   * it is durable with the next checkpoint. On an error nothing of it, nor of anything since the last
   * checkpoint, is kept: read `books` again and go on from there.
   * @returns what the store found out by it (`router-found`); it keeps these notes itself
   * @throws StoreError
   */
  record(settlement: Settlement): Promise<readonly Note[]>;
  /** Makes all that was recorded durable, in one transaction. Does nothing when nothing was. @throws StoreError */
  checkpoint(): Promise<void>;
  /**
   * Answers by other settings from now on, for the past as well: who an endpoint is, which addresses are reported, which
   * MACs are one device. No figure changes. Does nothing when the settings are those of before. @throws StoreError
   */
  applyView(view: View): Promise<void>;
  /** What was remembered under a name, over restarts; null when nothing was. */
  recall<T>(name: string): Promise<T | null>;
  /** Remembers a plain value. Durable at once. @throws StoreError */
  remember(name: string, value: unknown): Promise<void>;
  /** Keeps what people say of owners and devices, for whoever queries the database. Does nothing where it is so already. @throws StoreError */
  keepHousehold(household: HouseholdRows): Promise<void>;
  /**
   * Takes a device's figures of the days of a range out of every answer. They are kept, and counted as `removed` in the
   * balance, until they are restored or pruned. What is counted for these days from now on counts. Durable at once.
   * @returns what was removed; nothing is kept of a removal of nothing @throws StoreError
   */
  removeFigures(removal: RemovalRequest): Promise<RemovedFigures>;
  /** Brings removed figures back. @returns false when there are none of this id @throws StoreError */
  restoreFigures(id: number): Promise<boolean>;
  /** What is removed, the latest first. */
  removals(): Promise<StoredRemoval[]>;
  /**
   * Takes in a history that was measured elsewhere: all of it, or nothing. Of two figures for one interface and day the
   * greater stays, in each direction, so that taking the same history in twice changes nothing the second time. From the
   * second day of books of our own on, what was measured here stays whatever comes. @throws StoreError
   */
  importHistory(history: ImportedHistory): Promise<ImportResult>;

  /**
   * The questions about one source alone (null: about all but views, as below), and about some kinds of traffic alone (without
   * them: about all). `measuredDays` and `balanceSum` are about all traffic in any case, and all that internet hosts exchange
   * is traffic with the internet. Those below, but for `balances`, are
   * about all sources but views: meters that see what another one counts.
   */
  of(source: string | null, traffic?: readonly TrafficKind[]): SourceQuestions;
  /** What each device used on each day of a range, routers too, in no order. */
  deviceDays(from: Day, to: Day): Promise<DeviceDay[]>;
  /** What each device used in each clock hour of the days of a range. */
  deviceHours(from: Day, to: Day): Promise<DeviceHour[]>;
  /** What each internet host exchanged with us on each day of a range. */
  remoteDays(from: Day, to: Day): Promise<RemoteDay[]>;
  /** The days of a range on which a meter of ours counted anything, the earliest first. */
  measuredDays(from: Day, to: Day): Promise<Day[]>;
  /** The balance of each day of a range, by source and day, views too. */
  balances(from: Day, to: Day): Promise<DayBalance[]>;
  /** Every device with figures, routers too. */
  devices(): Promise<Device[]>;
  /** The MACs that are taken for routers', with the reason. */
  routers(): Promise<FoundRouter[]>;
  /** The addresses of a device, the latest first. */
  addressesOf(device: number): Promise<DeviceAddress[]>;
  /**
   * What each device used in each span, in total: for long ranges, where single days are too many. A device appears in
   * the spans in which it has a day, routers too, in no order.
   */
  deviceSums(spans: readonly DaySpan[]): Promise<DeviceSum[]>;
  /**
   * What each device used on each day, or in each clock hour, of a range as rows of figures, for charts. Those in `others`
   * are one row together.
   */
  deviceSeries(from: Day, to: Day, by: "day" | "hour", others?: ReadonlySet<number>): Promise<readonly DeviceSeries[]>;
  /** Every day of one device, the earliest first. */
  historyOf(device: number): Promise<DeviceDay[]>;
  /** What one device used in each clock hour of the days of a range. */
  hoursOf(device: number, from: Day, to: Day): Promise<DeviceHour[]>;
  /** What each endpoint was charged on each day of a range, by day: the figures as they were seen, for an export. */
  endpointDays(from: Day, to: Day): Promise<EndpointDay[]>;
  /** The same by clock hour. Hours are kept of devices and routers only. */
  endpointHours(from: Day, to: Day): Promise<EndpointHour[]>;
  /** The bytes of each day of a range, whoever they belong to, and how many rows of finished hours they stand in. */
  dayTotals(from: Day, to: Day): Promise<DayTotal[]>;
  /**
   * What all devices together used on each day of a range on which they used anything, by day: what went over the line,
   * whether IPFilter reports the address or not, and without routers. What stayed on the LAN is left out where it is known.
   */
  lineDays(from: Day, to: Day): Promise<LineDay[]>;
  /** The same by clock hour, for the days of which hours are kept. */
  lineHours(from: Day, to: Day): Promise<LineHour[]>;
  /** `lineDays` of some devices, each by itself. */
  deviceLineDays(devices: readonly number[], from: Day, to: Day): Promise<DeviceLineDay[]>;
  /** `lineHours` of some devices, each by itself. */
  deviceLineHours(devices: readonly number[], from: Day, to: Day): Promise<DeviceLineHour[]>;
  /** The names that people gave devices, as `keepHousehold` keeps them, by device key. */
  deviceNames(): Promise<ReadonlyMap<string, string>>;
  /** Which of these devices used which addresses in a range, the address used latest first. */
  addressesBetween(from: Day, to: Day, devices: readonly number[]): Promise<{ device: number; ip: string }[]>;
  /** The internet hosts that exchanged most with us in a range, the largest first, and the sum over all of them. */
  remoteSums(from: Day, to: Day, limit: number): Promise<RemoteSums>;
  /** What was counted in a range beside the devices, summed over all sources; null where nothing was counted. */
  balanceSum(from: Day, to: Day): Promise<BalanceSum | null>;
  /** The latest notes, the newest first. */
  notes(limit: number): Promise<StoredNote[]>;
  /** The first and the last day with figures, be they of remote hosts alone; null while there are none. */
  range(): Promise<{ first: Day; last: Day } | null>;
  /** Every meter ever read, the oldest first. */
  sources(): Promise<StoredSource[]>;
  /**
   * A number that is another one as soon as any question may be answered otherwise, and never one of before again: what
   * was made of answers is good for as long as it stays. `sources` alone may change without it.
   */
  revision(): Promise<number>;

  /**
   * Forgets the hours, the remote hosts (with the notes of their time) and the devices' days (with their hours and the balances)
   * before the days given; null keeps all. A device without a day left is forgotten, too; baselines and routers stay.
   * Returns how many rows of figures and notes went. Durable at once. @throws StoreError
   */
  prune(keep: { hoursFrom: Day | null; remoteFrom: Day | null; devicesFrom: Day | null }): Promise<number>;
  /** A consistent copy of the last checkpoint, made while the store is in use. */
  backup(path: string): Promise<void>;
  /** Makes the last checkpoint and closes. */
  close(): Promise<void>;
}

/** With whom an endpoint exchanged its bytes; `unknown` where the meter can't tell. */
export type TrafficKind = Traffic | "unknown";

/** What can be asked of one source as well as of all of them. */
export type SourceQuestions = Pick<
  Store,
  | "deviceDays"
  | "deviceHours"
  | "remoteDays"
  | "measuredDays"
  | "devices"
  | "addressesOf"
  | "deviceSums"
  | "deviceSeries"
  | "historyOf"
  | "hoursOf"
  | "endpointDays"
  | "endpointHours"
  | "dayTotals"
  | "addressesBetween"
  | "remoteSums"
  | "balanceSum"
  | "lineDays"
  | "lineHours"
  | "deviceLineDays"
  | "deviceLineHours"
>;

export interface Device {
  readonly id: number;
  /** The MAC of its first interface, or the IP where no MAC is known. */
  readonly key: string;
  /** The MACs (or IPs) of all its interfaces, the first one first. */
  readonly interfaces: readonly string[];
  readonly router: boolean;
  /** The name that reverse DNS gave the address that it used last; null without one. Untrusted text. */
  readonly hostname: string | null;
  readonly firstDay: Day;
  readonly lastDay: Day;
}

interface Flags {
  /** Part of it was split over an edge: see `Charge.reconstructed`. */
  readonly reconstructed: boolean;
}

export interface DeviceDay extends Bytes, Flags {
  readonly device: number;
  readonly day: Day;
  /** Of its reported addresses the one that was seen last on that day; null when only unreported ones were used. */
  readonly ip: string | null;
  /** Bytes of addresses outside IPFilter, on top of `in` and `out`. */
  readonly hiddenIn: number;
  readonly hiddenOut: number;
  /** When it last sent (ms UTC); null if it never did, or the meter does not say. */
  readonly seenAt: number | null;
  /** The meter's own counters of the device's reported addresses at the last reading of that day. */
  readonly counterIn: number;
  readonly counterOut: number;
  /** Taken over from an older version, and far beyond what is usual, or what the line can carry. */
  readonly implausible: boolean;
}

export interface DeviceHour extends Bytes, Flags {
  readonly device: number;
  readonly day: Day;
  readonly hour: number;
}

export interface RemoteDay extends Bytes, Flags {
  readonly day: Day;
  readonly ip: string;
  /** The router it came through; null where the meter shows no MAC. */
  readonly mac: string | null;
  readonly hostname: string | null;
  readonly reported: boolean;
  readonly seenAt: number | null;
  readonly counterIn: number;
  readonly counterOut: number;
}

/** Days of a question, both included. */
export interface DaySpan {
  readonly from: Day;
  readonly to: Day;
}

/** One device's days of a span, added up. */
export interface DeviceSum extends Bytes, Flags {
  /** Index of the span. */
  readonly span: number;
  readonly device: number;
  readonly hiddenIn: number;
  readonly hiddenOut: number;
  /** Whether an address within IPFilter was charged. */
  readonly reported: boolean;
  /** The last day on which such an address was; null without one. */
  readonly lastDay: Day | null;
  readonly seenAt: number | null;
  readonly implausible: boolean;
}

/** Room for the clock hours of a day in a `DeviceSeries`: the longest days have 25. */
export const HOURS_PER_DAY = 25;

/**
 * One device's days, or the clock hours of them, as rows of figures: one for each day of the range, or
 * `HOURS_PER_DAY` for each of which those that the day does not have are zero.
 */
export interface DeviceSeries {
  /** Null for the others together. */
  readonly device: number | null;
  readonly in: readonly number[];
  readonly out: readonly number[];
  /** Indexes of the figures of which a part is a reconstruction. */
  readonly reconstructed: readonly number[];
}

export interface RemoteSum extends Bytes {
  readonly ip: string;
  readonly hostname: string | null;
  readonly seenAt: number | null;
}

/** Hosts that IPFilter leaves out are in none of it. A host that several sources saw stands here once. */
export interface RemoteSums extends Bytes {
  readonly count: number;
  readonly hosts: readonly RemoteSum[];
}

/** The balances of the days of a range, from the first that was counted: earlier ones were imported. */
export interface BalanceSum extends Balance {
  readonly from: Day;
}

/** One day's books of one source. */
export interface DayBalance extends Balance {
  readonly source: string;
  readonly day: Day;
}

/** An address at an interface, as it was seen; whichever source saw it. */
export interface EndpointKey {
  /** Null where no MAC is known. */
  readonly mac: string | null;
  readonly ip: string;
  /** The MAC that held the address before a router's MAC stood for it; null for none. */
  readonly heldBy: string | null;
}

export interface EndpointDay extends EndpointKey, Bytes {
  readonly day: Day;
  readonly role: Role;
  /** Key of the device whose bytes they are; null for internet hosts and groups. */
  readonly device: string | null;
  readonly reported: boolean;
  /** The name that reverse DNS gave the address. */
  readonly hostname: string | null;
  readonly seenAt: number | null;
  readonly counterIn: number;
  readonly counterOut: number;
  /** How many of the bytes (both directions) may belong to another day. */
  readonly estimated: number;
  readonly implausible: boolean;
}

export interface EndpointHour extends EndpointKey, Bytes {
  readonly day: Day;
  readonly hour: number;
  /** How many of the bytes (both directions) may belong to another hour. */
  readonly estimated: number;
}

export interface DayTotal extends Bytes {
  readonly day: Day;
  readonly rows: number;
}

export interface LineDay extends Bytes {
  readonly day: Day;
}

export interface LineHour extends LineDay {
  readonly hour: number;
}

export interface DeviceLineDay extends LineDay {
  readonly device: number;
}

export interface DeviceLineHour extends LineHour {
  readonly device: number;
}

/** What people say of owners and devices, in the shape of tables. */
export interface HouseholdRows {
  readonly owners: readonly { readonly id: number; readonly name: string; readonly colour: number }[];
  /** By device key. */
  readonly devices: ReadonlyMap<string, HouseholdRow>;
}

export interface HouseholdRow {
  readonly name: string | null;
  readonly type: string | null;
  readonly note: string | null;
  readonly hidden: boolean;
  readonly archived: boolean;
  /** Whose it is from a day on; null: from the beginning, and nobody's. */
  readonly owners: readonly { readonly from: Day | null; readonly owner: number | null }[];
}

export interface RemovalRequest {
  /** Chosen by the caller: another one for each removal. */
  readonly id: number;
  /** ms UTC */
  readonly at: number;
  readonly device: number;
  readonly from: Day;
  readonly to: Day;
}

/** Bytes at all addresses, whether IPFilter reports them or not. */
export interface RemovedFigures extends Bytes {
  /** Days with figures. */
  readonly days: number;
}

export interface StoredRemoval extends RemovedFigures {
  readonly id: number;
  readonly at: number;
  /** Key of the device at that time. */
  readonly device: string;
  readonly from: Day;
  readonly to: Day;
}

export interface DeviceAddress {
  readonly ip: string;
  readonly hostname: string | null;
  readonly firstDay: Day;
  readonly lastDay: Day;
}

export interface StoredSource {
  readonly source: string;
  /** When it was first read: what it measured since. */
  readonly firstAt: number;
  /** When it was last read. */
  readonly at: number;
  /** It is shown by itself, and not added to the others (METER_VIEWS). */
  readonly isView?: true;
}

/** Name of the source that figures belong to which were measured elsewhere; `sources` doesn't list it. */
export const IMPORTED = "import";

export interface StoredNote extends Note {
  readonly source: string;
}

export interface FoundRouter {
  readonly mac: string;
  /** The day on which it was found; null when only the settings name it. */
  readonly since: Day | null;
  /** How many foreign networks it had carried by then. */
  readonly networks: number;
}

/** A history that was measured elsewhere, cleaned: every figure is a whole number of bytes, every MAC and IP canonical. */
export interface ImportedHistory {
  /** One row for an endpoint and day, sorted by day. Read from the start again when a transaction has to be repeated. */
  readonly days: Iterable<ImportedDay>;
  /** Hours of those days, sorted by day. */
  readonly hours?: Iterable<ImportedHour>;
  /** Names that reverse DNS gave addresses, for those without one. */
  readonly hostnames?: ReadonlyMap<string, string>;
  /** MACs that were routers where the history comes from. */
  readonly routers?: readonly string[];
  /** The meter that will be read next counts on from here: ms UTC, see `Store.sources`. */
  readonly writtenAt: number;
  /** The local day of now. */
  readonly today: Day;
  /** Kept when anything is new. */
  readonly note?: Note;
  /** Rows that made no sense as usage, kept as they were. */
  readonly rejected?: Iterable<RejectedRow>;
  /** The meter that is read here, for books that know nothing yet. */
  readonly source: string;
  /** When measuring began, ms UTC: shown for a source that was never read. */
  readonly firstAt: number;
  /** Take everything back at the end: the result tells what would have happened. */
  readonly dryRun?: boolean;
  /** Told now and then how many rows of `days` were taken in. */
  readonly onProgress?: (rows: number) => void;
}

export interface ImportedDay extends EndpointKey, Bytes {
  readonly day: Day;
  /** ms UTC. */
  readonly seenAt: number | null;
  readonly counterIn: number;
  readonly counterOut: number;
  /** How many of the bytes (both directions) may belong to another day. */
  readonly estimated: number;
  readonly implausible: boolean;
}

export type ImportedHour = EndpointHour;

export interface RejectedRow {
  readonly file: string;
  readonly place: string;
  readonly reason: string;
  /** JSON. */
  readonly content: string;
}

export interface ImportResult {
  /** Rows that are new, days that grew, and days that stayed because ours were measured. */
  readonly added: number;
  readonly raised: number;
  readonly kept: number;
}

export type { Bytes, Day, Settlement };

/** Why a store refused. `hint` is one sentence for a person. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: "read-only" | "full" | "corrupt" | "busy" | "newer" | "foreign" | "other";
  readonly hint: string;
  constructor(code: StoreError["code"], message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}
