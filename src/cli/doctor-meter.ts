import { bytesText } from "../http/readable-text.ts";
import { KernelError } from "../meters/kernel/error.ts";
import { type FlowTable, flowTables } from "../meters/kernel/flow-tables.ts";
import type { Table } from "../meters/kernel/listing.ts";
import { listTable } from "../meters/kernel/meter.ts";
import { attribute, type KernelPlace } from "../meters/kernel/place.ts";
import { figuresOf, sizeOf } from "../meters/kernel/snapshot.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

/** What `doctor` finds where the kernel counts. Nothing is changed. */
export async function kernelFindings(place: KernelPlace, tableName: string, root = "/"): Promise<Finding[]> {
  const { nft, devices, leftOut } = place;
  const gone: string[] = [];
  const bridges: string[] = [];
  for (const device of devices) {
    if ((await attribute(root, device, "ifindex")) === null) gone.push(device);
    if ((await attribute(root, device, "bridge/bridge_id")) !== null) bridges.push(device);
  }
  try {
    const table = await listTable(nft, tableName);
    return [
      ok(`The kernel counts on ${devices.join(", ")}, by nftables.`),
      ...leftOut.map((sentence) => note(sentence, "Take it out of HOST_INTERFACE to end this note.")),
      ...gone.map((device) =>
        problem(`There is no interface ${device}.`, "Set HOST_INTERFACE to one that exists (ip link)."),
      ),
      ...(await portFindings(devices, root)),
      ...(table === null || table === "older"
        ? [note("Nothing is counted at the moment.", "That begins when WhiteStat starts.")]
        : tableFindings(table)),
      ...flowFindings(await flowTables(nft), devices, bridges),
    ];
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return [problem(`${error.message}.`, error.hint)];
  }
}

/** Ports of one bridge: a frame from one to another passes both. */
async function portFindings(devices: readonly string[], root: string): Promise<Finding[]> {
  const ports = new Map<string, string[]>();
  for (const device of devices) {
    const master = /^INTERFACE=(.+)$/m.exec((await attribute(root, device, "master/uevent")) ?? "")?.[1];
    if (master !== undefined) ports.set(master, [...(ports.get(master) ?? []), device]);
  }
  return [...ports].flatMap(([bridge, names]) =>
    names.length < 2
      ? []
      : note(
          `${names.join(" and ")} are ports of ${bridge}: what their devices send to each other counts twice, what they exchange with the internet once.`,
          `Set HOST_INTERFACE to ${bridge} to count what is routed alone.`,
        ),
  );
}

/** What the table of counters tells. */
export function tableFindings(table: Table): Finding[] {
  const current = table.generations.at(-1);
  if (current === undefined) return [];
  const { bytes } = figuresOf(current, current).totals;
  const { foreign, unlisted } = current;
  const findings = [ok(`It has counted ${bytesText(bytes)} of ${sizeOf(current)} addresses.`)];
  if (unlisted.packets > 0) {
    findings.push(
      problem(
        `${bytesText(unlisted.bytes)} found no room among the counters: they are unattributed.`,
        "Let WhiteStat read more often (IdleSeconds), and look for a program that scans whole networks.",
      ),
    );
  }
  if (foreign.packets > 0 && foreign.bytes * 100 >= bytes) {
    findings.push(
      note(
        `${bytesText(foreign.bytes)} were neither IPv4 nor IPv6 (PPPoE, or a VLAN within a VLAN), and are not counted.`,
        "Set HOST_INTERFACE to the interface of the LAN, where the packets are plain.",
      ),
    );
  }
  return findings;
}

/**
 * Flow tables. Their packets still pass the card that they come in by and go out by, but no bridge above it; and what the
 * hardware hands on itself passes nothing.
 */
export function flowFindings(
  tables: readonly FlowTable[],
  devices: readonly string[],
  bridges: readonly string[],
): Finding[] {
  if (tables.length === 0) return [];
  const names = tables.map(({ name }) => name).join(", ");
  if (bridges.length === 0) {
    return [
      note(
        `A flow table hands on packets (${names}). They are counted on ${devices.join(", ")}, unless the hardware hands them on (flags offload).`,
        "Compare with the interface's own counters (ip -s link); where they are far apart, turn hardware offload off.",
      ),
    ];
  }
  const ports = [...new Set(tables.flatMap((table) => table.devices))].filter((device) => !devices.includes(device));
  return [
    problem(
      `A flow table hands packets around ${bridges.join(", ")} (${names}): they are not counted.`,
      `Turn flow offloading off, or count on the bridge's ports: HOST_INTERFACE=${ports.join("|") || "eth1|wlan0"}.`,
    ),
  ];
}
