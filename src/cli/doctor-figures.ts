import { ConservationError } from "../accounting/amounts.ts";
import { addDays, type Calendar } from "../accounting/calendar.ts";
import { seenShare } from "../accounting/carried.ts";
import { clockDoubtMs } from "../accounting/clocks.ts";
import { missedShare } from "../accounting/missed.ts";
import { createPolicy } from "../accounting/policy.ts";
import { RejectedReading } from "../accounting/rejection.ts";
import { settle } from "../accounting/settle.ts";
import type { Books, Day, NoteCode, Reading } from "../accounting/types.ts";
import { isRouter, type View } from "../accounting/view.ts";
import { bytesText, noteText, shareText } from "../http/readable-text.ts";
import type { Snapshot } from "../meters/meter.ts";
import type { MeterKind } from "../shared/status.ts";
import type { DayBalance, EndpointDay, FoundRouter, Store, StoredNote, ViewOf } from "../store/store.ts";
import { type Finding, note, ok, problem, problemFindings } from "./finding.ts";
import { bytesMissedProblem, missedProblem, placeProblem, sameTrafficProblem } from "./measuring-problems.ts";
import { meterDays } from "./same-traffic-watch.ts";

/** What `doctor` finds in the figures: who is a router, what is counted twice or not at all, what was odd of late. */

/** What was read from the meter just now. */
export interface LiveReading {
  readonly snapshot: Snapshot;
  readonly url: string;
}

export interface FiguresDeps {
  readonly now: number;
  readonly calendar: Calendar;
  readonly view: ViewOf;
  /** The MACs of this machine's network interfaces. */
  readonly ownMacs: ReadonlySet<string>;
  readonly meters: readonly DoctorMeter[];
}

/** A meter as the settings choose it now. */
export interface DoctorMeter {
  /** Null where it is the only one, and nobody named it. */
  readonly name: string | null;
  /** Name under which the store keeps what the meter counts. */
  readonly source: string;
  /** Null where it can't be read, or only by the running product. */
  readonly live: LiveReading | null;
  /** What counts. */
  readonly meter: MeterKind;
  /** Why the kernel's counters are not used; null where they are, or need not be. */
  readonly whyNotKernel: string | null;
}

/** So far back notes are worth telling, and so many of them. */
const NOTES_DAYS = 7;
const MOST_NOTES = 10;
/** What somebody should know who wonders about a figure. */
const TELLING: ReadonlySet<NoteCode> = new Set([
  "clean-import",
  "stale-import",
  "other-meter",
  "darkstat-forgot",
  "clock-jump",
  "books-violated",
]);
const MOST_EXAMPLES = 3;
/** So many addresses of a /24 behind a router, or so many devices in a foreign one, are no accident. */
const LEAST_OF_SEGMENT = 3;

/** What is in a store, which is closed then. */
export async function figuresFindings(store: Store, deps: FiguresDeps): Promise<Finding[]> {
  try {
    const { now, calendar, meters } = deps;
    const view = await deps.view(store);
    const today = calendar.dayOf(now);
    const yesterday = addDays(today, -1);
    const [range, sources, devices] = [await store.range(), await store.sources(), await store.devices()];
    const found = await store.routers();
    const added = meters.flatMap(({ name }) => (name === null || view.meterViews.has(name) ? [] : [name]));
    const routers = new Set(found.map(({ mac }) => mac));
    const ofToday = await store.endpointDays(today, today);
    const ofYesterday = await store.endpointDays(yesterday, yesterday);
    return [
      range === null
        ? note("No data recorded yet.", "It comes with the second reading.")
        : ok(`Data of ${devices.length} devices is available from ${range.first} to ${range.last}.`),
      ...(range !== null && range.last > addDays(today, 1) ? [futureFinding(range.last)] : []),
      ...sources.map(({ at }) => ok(`The last saved reading is of ${calendar.localText(at)}.`)),
      ...(await perMeter(meters, async (meter) => {
        const balances = (await store.balances(yesterday, today)).filter(({ source }) => source === meter.source);
        const listener = { ...deps, ...meter, view, routers };
        // Without a name it is the only one, and older figures may have come by another.
        const own = meter.name === null ? store : store.of(meter.source);
        const place = async (day: Day) => placeProblem(await own.endpointDays(day, day), listener);
        return [
          ...booksFindings(await store.books(meter.source), meter, deps),
          ...balances.flatMap((day) => [balanceFinding(day), ...missedFindings(day, meter)]),
          ...problemFindings((await place(today)) ?? (await place(yesterday))),
        ];
      })),
      ...problemFindings(sameTrafficProblem(await meterDays(store, added, today))),
      ...routerFindings(found, view),
      ...addressFindings([...ofYesterday, ...ofToday], view),
      ...noteFindings(await store.notes(1_000), now, calendar),
    ];
  } finally {
    await store.close();
  }
}

/** Findings of each meter, with its name where there are several. */
async function perMeter(
  meters: readonly DoctorMeter[],
  findingsOf: (meter: DoctorMeter) => Promise<Finding[]>,
): Promise<Finding[]> {
  const all: Finding[] = [];
  for (const meter of meters) {
    const { name } = meter;
    const findings = await findingsOf(meter);
    all.push(...(name === null ? findings : findings.map((one) => ({ ...one, text: `${name}: ${one.text}` }))));
  }
  return all;
}

function futureFinding(last: string): Finding {
  return problem(
    `There is data of ${last}, a day that has not come: the clock of this machine was ahead.`,
    "Check that it reaches a time server (timedatectl). Nothing was deleted by that date.",
  );
}

/** Whether the meter, as it is now, goes on where the books stand. */
function booksFindings(
  books: Books | null,
  { live, source }: DoctorMeter,
  { calendar, now }: Pick<FiguresDeps, "calendar" | "now">,
): Finding[] {
  if (books === null || live === null) return [];
  const { at, epoch, before, after, hosts } = live.snapshot;
  // Another process's monotonic clock says nothing here.
  const reading: Reading = { source, meter: live.url, at, elapsedMs: null, epoch, before, after, hosts, series: [] };
  const findings: Finding[] = [];
  const doubtMs = clockDoubtMs(books, reading);
  if (books.at > now || doubtMs !== null) {
    findings.push(
      problem(
        `The clock says ${calendar.localText(now)}, and the last reading is of ${calendar.localText(books.at)}: by the meter's uptime, one of them is wrong.`,
        "Check that the machine reaches a time server (timedatectl).",
      ),
    );
  }
  try {
    const { notes } = settle(books, reading, createPolicy(calendar));
    const telling = notes.filter(({ code }) => TELLING.has(code) && code !== "clock-jump");
    findings.push(...telling.map((one) => note(noteText({ ...one, source }, calendar.localText), "")));
  } catch (error) {
    if (error instanceof RejectedReading) {
      findings.push(note(`${error.message}: a reading as of now is not charged yet.`, error.hint));
    } else if (error instanceof ConservationError) {
      findings.push(problem(`The meter contradicts the books: ${error.message}.`, "Please report it."));
    } else throw error;
  }
  return findings;
}

/** Whether what was charged on a day, in each direction, is what the meter counted. */
export function balanceFinding(balance: DayBalance): Finding {
  const { devices, hidden, routers, remote, group, unlisted, unattributed, removed, counted, day } = balance;
  const sides = [devices, hidden, routers, remote, group, unlisted, unattributed, removed];
  const sum = (side: "in" | "out") => sides.reduce((total, bytes) => total + bytes[side], 0);
  const off = Math.max(Math.abs(counted - sum("in")), Math.abs(counted - sum("out")));
  if (off === 0) {
    const nobodys = Math.max(unattributed.in, unattributed.out);
    const rest = nobodys === 0 ? "" : `, of which ${bytesText(nobodys)} can't be attributed to devices`;
    return ok(`The totals of ${day} match: ${bytesText(counted)}${rest}.`);
  }
  return note(`The totals of ${day} differ by ${bytesText(off)} of ${bytesText(counted)}.`, "Please report it.");
}

/** What the meter missed on a day: of what its interface carried, where that is known, else of darkstat's packets. */
function missedFindings(
  { day, captured, dropped, carried, compared }: DayBalance,
  { meter, whyNotKernel }: DoctorMeter,
): Finding[] {
  const seen = seenShare({ carried, compared });
  if (seen !== null) {
    const found = bytesMissedProblem(seen, { meter, iface: "its interface", when: `on ${day}`, whyNotKernel });
    if (found !== null) return problemFindings(found);
    return [ok(`The meter counted ${shareText(seen)} of what its interface carried on ${day}, by its own counters.`)];
  }
  return problemFindings(missedProblem(missedShare({ captured, dropped }), `of ${day}`));
}

/** The MACs that are routers though nobody named them, and why. */
function routerFindings(found: readonly FoundRouter[], view: View): Finding[] {
  const isUnnamed = (mac: string) => !view.routers.has(mac) && isRouter(mac, true, view);
  const nextHops = [...view.nextHops].filter(isUnnamed);
  const findings = found.flatMap(({ mac, since, networks }) => {
    if (since === null || nextHops.includes(mac)) return [];
    const why =
      networks > 0 ? `it carried traffic of ${networks} foreign networks` : "a segment of the settings is behind it";
    return [routerFinding(mac, ` since ${since}: ${why}`)];
  });
  return [
    ...nextHops.map((mac) => routerFinding(mac, ": it is the next hop of this machine's default route")),
    ...findings,
  ];
}

function routerFinding(mac: string, why: string): Finding {
  const hint = `If that is wrong, add !${mac} to LAN_ROUTERS_TO_SKIP; it holds for the past, too.`;
  return note(`${mac} is taken for a router${why}.`, hint);
}

/** Addresses that tell of a LAN that the settings don't name, or of a device that sends with those of others. */
function addressFindings(figures: readonly EndpointDay[], view: View): Finding[] {
  const behind = new Map<string, Set<string>>();
  const foreign = new Map<string, { macs: Set<string>; ips: Set<string> }>();
  for (const { mac, ip, role } of figures) {
    if (mac === null || ip.includes(":")) continue;
    const network = ip.slice(0, ip.lastIndexOf("."));
    if (role === "router" && view.placeOf(ip) === "lan") {
      behind.set(`${network} ${mac}`, (behind.get(`${network} ${mac}`) ?? new Set()).add(ip));
    } else if (role === "device" && view.placeOf(ip) === "remote") {
      const known = foreign.get(network) ?? { macs: new Set(), ips: new Set() };
      known.macs.add(mac);
      known.ips.add(ip);
      foreign.set(network, known);
    }
  }
  const findings: Finding[] = [];
  for (const [key, ips] of behind) {
    if (ips.size < LEAST_OF_SEGMENT) continue;
    const [network, mac] = key.split(" ");
    const text = `${ips.size} addresses of ${network}.0/24 are behind the router ${mac}: what they use counts as the router's.`;
    findings.push(note(text, `If they are devices of yours, add ${network}.0/24 to LAN_SEGMENT_MASKS.`));
  }
  for (const [network, { macs, ips }] of [...foreign].slice(0, MOST_EXAMPLES)) {
    const text =
      macs.size >= LEAST_OF_SEGMENT
        ? `${macs.size} devices have addresses of ${network}.0/24, which isn't named as LAN.`
        : `${[...macs].join(" and ")} sent with the foreign address ${[...ips].slice(0, MOST_EXAMPLES).join(", ")}: it counts as that device's.`;
    const hint =
      macs.size >= LEAST_OF_SEGMENT
        ? `If that is your LAN, add ${network}.0/24 to LAN_SEGMENT_MASKS.`
        : "A VPN, a hotspot or a mistyped address does that. If it is a router, add it to LAN_ROUTERS_TO_SKIP.";
    findings.push(note(text, hint));
  }
  return findings;
}

/** What was odd in the last days, the latest first. */
function noteFindings(notes: readonly StoredNote[], now: number, calendar: Calendar): Finding[] {
  const since = now - NOTES_DAYS * 86_400_000;
  const isTold = ({ at, code, detail }: StoredNote) =>
    at >= since && TELLING.has(code) && !(code === "clean-import" && detail.unattributed === 0);
  return notes
    .filter(isTold)
    .slice(0, MOST_NOTES)
    .map((one) => note(`${calendar.localText(one.at)}: ${noteText(one, calendar.localText)}`, ""));
}
