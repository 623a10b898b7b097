import type { Meter, Snapshot } from "../meter.ts";
import { parseDarkstatAddress } from "./address.ts";
import { type ByteBuffer, createByteBuffer } from "./byte-buffer.ts";
import { decodePage } from "./decode.ts";
import { DarkstatError } from "./error.ts";
import { type Columns, createHostsParser, type FrontPage, type HostsPage, parseFront, parseSeries } from "./parse.ts";
import { fetchPage } from "./request.ts";

/** What one visit to darkstat saw, and which columns its host table has. */
export interface DarkstatSnapshot extends Snapshot {
  readonly columns: Columns;
}

/** A meter that is a darkstat. What fails is a `DarkstatError`. */
export interface DarkstatClient extends Meter {
  read(signal?: AbortSignal): Promise<DarkstatSnapshot>;
}

export interface DarkstatClientOptions {
  /** Address of darkstat's first page; may carry a path and `user:password@`. */
  readonly url: string;
  /** Certificates in PEM that an https address is checked against (DARKSTAT_CA); without them the public authorities. */
  readonly trusted?: readonly string[] | undefined;
  readonly now: () => number;
  /** Time limit of each page. */
  readonly timeoutMs?: number;
  /** A longer list of hosts is refused (DARKSTAT_MAX_HOSTS). */
  readonly mostHosts?: number;
  /** Size limit of each page; without it, what so many hosts can take. */
  readonly maxBytes?: number;
}

/** More than a darkstat of today lists by default, and what a small machine can take. */
const MOST_HOSTS = 20_000;
/** A row with the longest name and IPv6 address has some 640; most have 300. */
const BYTES_OF_HOST = 640;
/** Of a page beside its rows, and at least. */
const BYTES_OF_PAGE = 64 * 1024;

/** A reader of one darkstat. Connects to nothing until asked. @throws RangeError when the address is none. */
export function createDarkstatClient(options: DarkstatClientOptions): DarkstatClient {
  const address = parseDarkstatAddress(options.url);
  const { mostHosts = MOST_HOSTS, timeoutMs = 10_000 } = options;
  const limits = { timeoutMs, maxBytes: options.maxBytes ?? BYTES_OF_PAGE + mostHosts * BYTES_OF_HOST };
  const parseHosts = createHostsParser(mostHosts);
  const bytesAt = (path: string, signal?: AbortSignal, into?: ByteBuffer) =>
    fetchPage(address, path, limits, signal, into, options.trusted ?? null);
  const text = async (path: string, signal?: AbortSignal) => decodePage(await bytesAt(path, signal));
  /** Of the host table; null while a reading uses it. */
  let buffer: ByteBuffer | null = createByteBuffer();

  async function table(signal?: AbortSignal): Promise<HostsPage & { readonly at: number }> {
    const mine = buffer ?? createByteBuffer();
    buffer = null;
    try {
      const page = await bytesAt("hosts/?full=yes&sort=in", signal, mine);
      const at = options.now();
      return { ...parseHosts(page), at };
    } finally {
      buffer = mine;
    }
  }

  /** Front, hosts, front: a run that ended in between shows in the fronts. Null then. */
  async function attempt(signal?: AbortSignal): Promise<DarkstatSnapshot | null> {
    const before = parseFront(await text("", signal));
    const { at, hosts, columns } = await table(signal);
    const after = parseFront(await text("", signal));
    if (!sameRun(before, after)) return null;
    return {
      at,
      epoch: after.epoch,
      before: before.totals,
      after: after.totals,
      hosts,
      program: "darkstat",
      version: after.version,
      interface: after.interface,
      columns,
    };
  }

  return {
    url: address.url,
    async read(signal) {
      const snapshot = (await attempt(signal)) ?? (await attempt(signal));
      if (!snapshot) {
        throw new DarkstatError("restarted", `${address.url}: darkstat restarted twice while it was being read`);
      }
      return snapshot;
    },
    async series(signal) {
      const xml = await text("graphs.xml", signal);
      return parseSeries(xml, options.now());
    },
  };
}

/** Two starts within a second have the same epoch, but a total that fell gives them away. */
function sameRun(before: FrontPage, after: FrontPage): boolean {
  const totals = ["bytes", "packets", "captured", "dropped", "uptimeSeconds"] as const;
  return before.epoch === after.epoch && totals.every((total) => after.totals[total] >= before.totals[total]);
}
