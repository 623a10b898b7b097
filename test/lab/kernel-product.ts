import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../lib/commands.ts";
import { startWhiteStat, type WhiteStat } from "../lib/whitestat.ts";
import type { ClientName, Lab } from "./lab.ts";

/** What an interface carried, or what is reported of a device. */
export interface Amount {
  readonly in: number;
  readonly out: number;
}

/** Of what an interface carried, and besides in bytes: IPv6's housekeeping, which is nobody's, and the rounding to KB. */
export const TOLERANCE = { share: 0.0001, besides: 12_000 } as const;

/** The product on the kernel's counters of the lab's gateway, started with nothing but the interface's name, and read once. */
export async function startOnGateway(lab: Lab, folder: string, more: Record<string, string> = {}): Promise<WhiteStat> {
  const started = await startWhiteStat({
    store: join(folder, "data"),
    host: new URL(lab.darkstat.url).hostname,
    env: { HOST_INTERFACE: "br0", IPFilter: ".*", ...more },
    launch: (command, environment) => lab.start("gateway", command, environment),
  });
  await eventually(async () => {
    const { status, meter, readAt } = await healthOf(started);
    if (status !== "ok" || meter.kind !== "kernel" || readAt === null)
      throw new Error(`it is ${status}: ${meter.kind}`);
  });
  return started;
}

/** As {@link startOnGateway}, on a machine that was started anew: its boot id is another one. */
export async function startOnRebooted(lab: Lab, folder: string): Promise<WhiteStat> {
  const bootId = join(folder, "boot_id");
  writeFileSync(bootId, `${randomUUID()}\n`);
  const reboot = `mount --bind ${bootId} /proc/sys/kernel/random/boot_id && exec "$@"`;
  return startOnGateway(
    { ...lab, start: (host, command, env) => lab.start(host, ["sh", "-c", reboot, "sh", ...command], env) },
    folder,
  );
}

export interface Health {
  readonly status: string;
  readonly readAt: string | null;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  readonly meter: { readonly kind: string; readonly interface: string | null; readonly seenShare: number | null };
}

export async function healthOf(product: Pick<WhiteStat, "url">): Promise<Health> {
  return (await fetch(`${product.url}/healthz`)).json() as Promise<Health>;
}

/** The codes of the notes, the latest first. */
export async function notesOf(product: Pick<WhiteStat, "url">): Promise<string[]> {
  const status = (await (await fetch(`${product.url}/api/v1/status`)).json()) as { notes: { code: string }[] };
  return status.notes.map(({ code }) => code);
}

/** Bytes that are reported of a client on all of its addresses, IPv6 among them. */
export async function reportedOf(product: WhiteStat, lab: Lab, client: ClientName): Promise<Amount> {
  const rows = (await product.rows()).filter((row) => row.MAC === lab.clients[client].mac);
  const sum = (side: "KBIn" | "KBOut") => 1024 * rows.reduce((total, row) => total + row[side], 0);
  return { in: sum("KBIn"), out: sum("KBOut") };
}

/** By how many bytes what is reported may differ from what an interface carried. */
export function toleranceOf(carried: number): number {
  return carried * TOLERANCE.share + TOLERANCE.besides;
}
