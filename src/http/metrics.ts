import type { Calendar } from "../accounting/calendar.ts";
import type { Bytes } from "../accounting/types.ts";
import type { Status } from "../shared/status.ts";
import type { Store } from "../store/store.ts";
import { type DeviceFiguresDeps, deviceFiguresOf } from "./device-figures.ts";
import { assessHealth } from "./health.ts";
import type { Route } from "./router.ts";

/** Time series for each device cost Prometheus memory: a flood of MACs must not flood it as well. */
const MAX_DEVICES = 1_000;

/** The format that every Prometheus reads: https://prometheus.io/docs/instrumenting/exposition_formats/ */
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What this process has used, for `/metrics`. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

export interface MetricsDeps extends DeviceFiguresDeps {
  readonly store: DeviceFiguresDeps["store"] & Pick<Store, "balanceSum">;
  readonly calendar: Calendar;
  readonly now: () => number;
  readonly status: () => Status;
  readonly processUsage: () => ProcessUsage;
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** `/metrics`, for Prometheus and what reads its format. Devices only: internet hosts would be a series each. */
export function metricsRoutes(deps: MetricsDeps): Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      async handle() {
        const headers = { "content-type": CONTENT_TYPE, "cache-control": "no-store" };
        return { status: 200, headers, body: await metricsOf(deps) };
      },
    },
  ];
}

async function metricsOf(deps: MetricsDeps): Promise<string> {
  const { store, calendar, now, status, processUsage } = deps;
  const { meter, problems, startedAt, version } = status();
  const isFresh = assessHealth(status(), now()).state !== "stale";
  const today = calendar.dayOf(now());
  const { devices, leftOut } = await deviceFiguresOf(deps, today, MAX_DEVICES);
  const counted = await store.balanceSum(today, today);
  const used = processUsage();

  return [
    family("whitestat_device_bytes_total", "counter", "Bytes that a device has used since measuring began.", [
      ...devices.flatMap(({ key, total }) => directions(key, total)),
    ]),
    family("whitestat_device_today_bytes", "gauge", "Bytes that a device has used today, since local midnight.", [
      ...devices.flatMap(({ key, today: bytes }) => directions(key, bytes)),
    ]),
    family("whitestat_device_info", "gauge", "Always 1: the name and the manufacturer of a device.", [
      ...devices.map(({ key, name, vendor }): Sample => [{ device: key, name, vendor: vendor ?? "" }, 1]),
    ]),
    gauge(
      "whitestat_devices_left_out",
      `Devices beyond the ${MAX_DEVICES} largest, which have no series here.`,
      leftOut,
    ),
    gauge("whitestat_meter_counted_today_bytes", "Bytes that the meter has counted today, in all.", counted?.counted),
    gauge(
      "whitestat_unattributed_today_bytes",
      "Bytes counted today that no device could be charged with, the larger direction.",
      counted === null ? undefined : Math.max(counted.unattributed.in, counted.unattributed.out),
    ),
    gauge("whitestat_meter_up", "1 while readings are fresh, else 0.", isFresh ? 1 : 0),
    gauge(
      "whitestat_meter_last_reading_timestamp_seconds",
      "When figures were last read.",
      meter.readAt === null ? undefined : meter.readAt / 1000,
    ),
    gauge(
      "whitestat_meter_seen_bytes_ratio",
      "What the meter counted of what its interface carried, 0 to 1.",
      meter.seenShare ?? undefined,
    ),
    gauge(
      "whitestat_meter_missed_packets_ratio",
      "Packets that the meter missed, of all packets, 0 to 1.",
      meter.missedShare ?? undefined,
    ),
    family("whitestat_problem", "gauge", "1 for each problem that there is now.", [
      ...problems.map(({ code }): Sample => [{ code }, 1]),
    ]),
    gauge("whitestat_problems", "How many problems there are now.", problems.length),
    family("whitestat_build_info", "gauge", "Always 1: the version.", [[{ version }, 1]]),
    family("process_cpu_seconds_total", "counter", "Processor time used.", [[{}, used.cpuSeconds]]),
    gauge("process_resident_memory_bytes", "Resident memory.", used.residentBytes),
    gauge("process_start_time_seconds", "When the process started.", startedAt / 1000),
  ].join("");
}

function directions(device: string, bytes: Bytes): Sample[] {
  return [
    [{ device, direction: "download" }, bytes.in],
    [{ device, direction: "upload" }, bytes.out],
  ];
}

/** A metric with one value; without any where that isn't known. */
function gauge(name: string, help: string, value: number | undefined): string {
  return family(name, "gauge", help, value === undefined ? [] : [[{}, value]]);
}

/** A metric with its samples; nothing at all without one. */
function family(name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** Names come from the network: what would end the label or the line is escaped, as the format says. */
function escaped(value: string): string {
  return value.toWellFormed().replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
