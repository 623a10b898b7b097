import type { Books, Day } from "../accounting/types.ts";
import type { Role } from "../accounting/view.ts";

/** What questions see of the open hour: an endpoint's bytes that stand in no row yet. */
export interface OpenUsage {
  readonly source: number;
  readonly endpoint: number;
  readonly address: number;
  readonly day: Day;
  readonly hour: number;
  readonly ip: string;
  readonly hostname: string | null;
  readonly mac: string;
  /** Id of the interface that held the address before a router's MAC stood for it; 0 for none. */
  readonly heldBy: number;
  readonly role: Role;
  readonly device: number | null;
  readonly reported: boolean;
  readonly firstDay: Day;
  readonly in: number;
  readonly out: number;
  readonly lastSeen: number | null;
  readonly counterIn: number;
  readonly counterOut: number;
}

/** The read-only view that questions get of the ledger. */
export interface OpenHour {
  /** Everything in the open hours of all sources, for days of a range. */
  usage(from: Day, to: Day): OpenUsage[];
  /** The other side of the open days' balances. */
  counts(from: Day, to: Day): readonly ({ readonly source: number; readonly day: Day } & Counts)[];
  /** Interfaces by id, those that have no row yet included. */
  interfaceOf(id: number): KnownInterface | undefined;
  interfaces(): Iterable<KnownInterface>;
  isRouter(one: KnownInterface): boolean;
  sources(): readonly KnownSource[];
  /** The host name of an address when it is newer than its row; null when its row has it. */
  hostnameOf(address: number): string | null;
}

/** The other side of the balance of an open day. */
export interface Counts {
  readonly counted: number;
  readonly captured: number;
  readonly dropped: number;
  readonly unattributedIn: number;
  readonly unattributedOut: number;
  readonly unlistedIn: number;
  readonly unlistedOut: number;
  readonly carried: number;
  readonly compared: number;
}

export interface KnownInterface {
  readonly id: number;
  /** The MAC, the IP standing in for one, or "" for "no MAC known". */
  readonly mac: string;
  /** Id of its device. */
  readonly device: number;
  readonly routerSince: Day | null;
  readonly routerNetworks: number;
  /** The host name of the device of the same id. */
  readonly hostname: string | null;
}

export interface KnownSource {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly firstAt: number;
  readonly books: Books;
}
