import type { HostRow, Totals } from "../../src/accounting/types.ts";

/** A darkstat with all its habits, which counts every packet that it is shown. */

export interface Amount {
  readonly in: number;
  readonly out: number;
}

/** One end of a frame: the MAC of the frame, and the address in its packet. */
export interface End {
  readonly mac: string;
  readonly ip: string;
}

interface Host {
  mac: string;
  in: number;
  out: number;
  sentAt: number | null;
}

/** What `--export` wrote, and which run it came from; empty when from nowhere near. */
export interface ExportFile {
  readonly hosts: ReadonlyMap<string, Readonly<Host>>;
  readonly ofRun: string;
  /** It was written when that run ended, so that nothing was counted afterwards. */
  readonly atEnd: boolean;
  /** No host was evicted before: then it accounts for every byte. */
  readonly isWhole: boolean;
}

/** One life of darkstat. */
interface Run {
  readonly id: string;
  readonly epoch: string;
  readonly startedAt: number;
  readonly imported: ExportFile | null;
  readonly hosts: Map<string, Host>;
  bytes: number;
  packets: number;
  /** Evictions in this run, or inherited with its import: then the table doesn't account for the total. */
  evictions: number;
}

export interface MeterOptions {
  readonly hostsMax: number;
  readonly hostsKeep: number;
  /** `--local-only`: the addresses that the page lists. */
  readonly lists: (ip: string) => boolean;
  readonly showsMacs: boolean;
  readonly showsLastSeen: boolean;
}

export interface Meter {
  readonly id: string;
  readonly options: MeterOptions;
  run: Run;
  /** How often it was started, in all and under each since-text. */
  runs: number;
  readonly runsOfText: Map<string, number>;
  exported: ExportFile;
  /** How often each address was evicted. */
  readonly evictions: Map<string, number>;
}

const NOTHING_EXPORTED: ExportFile = { hosts: new Map(), ofRun: "", atEnd: false, isWhole: true };

export function createMeter(id: string, now: number, options: MeterOptions): Meter {
  const run = newRun(`${id} 1`, now, null, null);
  return {
    id,
    options,
    run,
    runs: 1,
    runsOfText: new Map([[run.epoch, 1]]),
    exported: NOTHING_EXPORTED,
    evictions: new Map(),
  };
}

function newRun(id: string, now: number, imported: ExportFile | null, epoch: string | null): Run {
  const hosts = new Map([...(imported?.hosts ?? [])].map(([ip, host]) => [ip, { ...host }]));
  const evictions = imported === null || imported.isWhole ? 0 : 1;
  return { id, epoch: epoch ?? `run of ${id}`, startedAt: now, imported, hosts, bytes: 0, packets: 0, evictions };
}

/** Counts a frame. */
export function count(meter: Meter, now: number, from: End, to: End, bytes: number): void {
  const { run } = meter;
  run.bytes += bytes;
  run.packets++;
  const sender = hostOf(meter, from);
  sender.out += bytes;
  sender.sentAt = now;
  hostOf(meter, to).in += bytes;
}

function hostOf(meter: Meter, { ip, mac }: End): Host {
  const { hosts } = meter.run;
  const known = hosts.get(ip);
  if (known !== undefined) {
    known.mac = mac;
    return known;
  }
  if (hosts.size >= meter.options.hostsMax) reduce(meter);
  const made: Host = { mac, in: 0, out: 0, sentAt: null };
  hosts.set(ip, made);
  return made;
}

/** The table is full: the biggest stay. */
function reduce(meter: Meter): void {
  const bySize = [...meter.run.hosts].sort(([, a], [, b]) => b.in + b.out - a.in - a.out);
  evict(
    meter,
    bySize.slice(meter.options.hostsKeep).map(([ip]) => ip),
  );
}

export function evict(meter: Meter, ips: readonly string[]): void {
  for (const ip of ips) {
    if (!meter.run.hosts.delete(ip)) continue;
    meter.run.evictions++;
    meter.evictions.set(ip, (meter.evictions.get(ip) ?? 0) + 1);
  }
}

/** SIGUSR2 writes the export while darkstat goes on; when it ends, that is the last word of its run. */
export function exportHosts(meter: Meter, atEnd: boolean): ExportFile {
  const { hosts, id, evictions } = meter.run;
  meter.exported = {
    hosts: new Map([...hosts].map(([ip, host]) => [ip, { ...host }])),
    ofRun: id,
    // A table that has lost hosts continues nothing.
    atEnd: atEnd && evictions === 0,
    isWhole: evictions === 0,
  };
  return meter.exported;
}

/** darkstat starts anew. Without a clock chip its since-text may be the same as last time. */
export function restart(meter: Meter, now: number, imported: ExportFile | null, sameText: boolean): void {
  meter.runs++;
  meter.run = newRun(`${meter.id} ${meter.runs}`, now, imported, sameText ? meter.run.epoch : null);
  const { epoch } = meter.run;
  meter.runsOfText.set(epoch, (meter.runsOfText.get(epoch) ?? 0) + 1);
}

/** The first page. */
export interface FrontPage {
  readonly runId: string;
  readonly epoch: string;
  readonly totals: Totals;
}

export function frontPage({ run }: Meter, now: number): FrontPage {
  return {
    runId: run.id,
    epoch: run.epoch,
    totals: {
      bytes: run.bytes,
      packets: run.packets,
      captured: run.packets,
      dropped: 0,
      uptimeSeconds: Math.floor((now - run.startedAt) / 1000),
    },
  };
}

export function hostsPage({ run, options }: Meter, now: number): HostRow[] {
  return [...run.hosts]
    .filter(([ip]) => options.lists(ip))
    .map(([ip, { mac, in: down, out, sentAt }]) => ({
      ip,
      mac: options.showsMacs ? mac : null,
      in: down,
      out,
      hostname: null,
      lastSeenSeconds: options.showsLastSeen && sentAt !== null ? Math.floor((now - sentAt) / 1000) : null,
    }));
}
