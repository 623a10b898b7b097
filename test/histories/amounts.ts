import type { Settlement } from "../../src/accounting/types.ts";
import type { Amount } from "./meter.ts";
import { add, atMost, equal, minus, must, NOTHING, sumOf } from "./must.ts";
import type { Poll } from "./replay.ts";
import { BROADCAST_MAC } from "./world.ts";

/** Bytes a second that no line of a darkstat exceeds. */
const FASTEST_LINE = 125_000_000;
const CLOCK_JUMP_MS = 120_000;
export const PATIENCE_MS = 15 * 60_000;

/** Everything about a settlement that its amounts are checked by. */
interface Case extends Poll {
  readonly settlement: Settlement;
  readonly codes: ReadonlySet<string>;
  /** By address. */
  readonly charged: ReadonlyMap<string, Amount>;
  /** What darkstat counted by the settlement. */
  readonly passed: number;
  readonly unattributed: Amount;
  readonly unlisted: Amount;
  readonly isFirst: boolean;
  readonly isSameDarkstat: boolean;
  readonly isSameRun: boolean;
  /** The since-text is that of another run. */
  readonly isSameText: boolean;
  /** The table accounts for every byte of the run. */
  readonly isWhole: boolean;
}

/** Promises 1, 2 and 4: no invented byte, conservation, and a crash of darkstat costs at most what it had not told us. */
export function checkAmounts(poll: Poll, settlement: Settlement): void {
  const charged = new Map<string, Amount>();
  for (const charge of settlement.charges) add(charged, charge.ip, charge);
  const { ours, meter, page, reading, world } = poll;
  const isSameDarkstat = ours.meterId === meter.id;
  const one: Case = {
    ...poll,
    settlement,
    codes: new Set(settlement.notes.map(({ code }) => code)),
    charged,
    passed: settlement.counted.reduce((sum, { bytes }) => sum + bytes, 0),
    unattributed: sumOf(settlement.counted.map((counted) => counted.unattributed)),
    unlisted: sumOf(settlement.counted.map((counted) => counted.unlisted)),
    isFirst: ours.books === null,
    isSameDarkstat,
    isSameRun: isSameDarkstat && ours.runId === page.runId,
    isSameText: isSameDarkstat && ours.runId !== page.runId && ours.books?.epoch === reading.epoch,
    isWhole: meter.run.evictions === 0 && !world.options.localOnly && meter.run.imported === null,
  };
  checkConservation(one);
  checkNotes(one);
  checkBooks(one);
  checkFirstSight(one);
  if (!poll.honest || (one.isSameRun && ours.tainted)) checkBounds(one);
  else if (one.isFirst) checkFirst(one);
  else if (one.isSameRun) checkSameRun(one);
  else if (!isSameDarkstat) checkOtherDarkstat(one);
  else checkNewRun(one);
}

/** To the byte, on each day and in each direction: charges + unattributed + unlisted = what darkstat counted. */
function checkConservation({ settlement }: Case): void {
  const days = new Map<string, Amount>();
  for (const charge of settlement.charges) {
    must(Number.isSafeInteger(charge.in) && Number.isSafeInteger(charge.out), "a charge is no whole number");
    must(charge.in >= 0 && charge.out >= 0 && charge.in + charge.out > 0, "a charge of nothing, or less");
    add(days, charge.day, charge);
  }
  const daysCounted = new Set<string>();
  const found = new Map(days);
  for (const { day, unattributed, unlisted, bytes } of settlement.counted) {
    must(!daysCounted.has(day), `${day} was counted twice`);
    daysCounted.add(day);
    must(Math.min(unattributed.in, unattributed.out, unlisted.in, unlisted.out) >= 0, "less than nothing is left over");
    found.delete(day);
    // Each amount is divided over days by itself: rounding may move a byte of each.
    if (settlement.counted.length > 1) continue;
    const all = sumOf([days.get(day) ?? NOTHING, unattributed, unlisted]);
    equal(all, { in: bytes, out: bytes }, "the books do not balance");
  }
  must(found.size === 0 || settlement.counted.length > 1, "bytes were charged on a day on which none were counted");
  const all = sumOf([
    ...settlement.charges,
    ...settlement.counted.flatMap(({ unattributed, unlisted }) => [unattributed, unlisted]),
  ]);
  const bytes = settlement.counted.reduce((sum, counted) => sum + counted.bytes, 0);
  equal(all, { in: bytes, out: bytes }, "the books do not balance");
}

const NEW_RUN_CODES = ["meter-restarted", "clean-import", "stale-import", "other-meter"];

/** No false alarm, and no silence. */
function checkNotes(one: Case): void {
  const { codes, isFirst, isSameRun, isSameDarkstat, isSameText, meter, honest, ours, world, settlement } = one;
  must(codes.has("first-reading") === isFirst, "the first reading, or not");
  const mayBeOdd = !honest || ours.tainted || isSameText;
  must(!codes.has("meter-restarted") || !isSameRun || mayBeOdd, "a restart was noted that was none");
  must(!codes.has("darkstat-forgot") || meter.run.evictions > 0 || mayBeOdd, "a loss of hosts was noted that was none");
  must(!codes.has("other-meter") || !isSameRun || mayBeOdd, "another darkstat was noted that was none");
  must(!codes.has("books-violated") || mayBeOdd, "books were violated");
  const isNewRun = NEW_RUN_CODES.some((code) => codes.has(code));
  const mayBeNew = !isSameRun || one.mixed || one.rejected !== null || ours.tainted;
  must(!isNewRun || mayBeNew, "a single page began a new run of the one that we knew");
  const waitedMs = one.rejected === null ? 0 : world.mono - one.rejected.sinceMono;
  const isElsewhere = one.reading.meter !== ours.books?.meter || waitedMs >= PATIENCE_MS;
  must(!codes.has("other-meter") || isElsewhere, "another darkstat was noted at once, at the same address");
  const offBy = Math.abs(world.clockOffset - ours.clockOffset);
  must(!codes.has("clock-jump") || offBy > CLOCK_JUMP_MS - 2_000 || mayBeOdd || !isSameDarkstat, "no clock was set");
  must(!codes.has("gap-reconstructed") || settlement.counted.length > 0, "a gap was noted in nothing");
  const forgot = settlement.books.forgotHosts > (isSameRun ? (ours.books?.forgotHosts ?? 0) : 0);
  if (forgot && !mayBeOdd && (!isSameRun || ours.books?.forgotHosts === 0)) {
    must(codes.has("darkstat-forgot"), "a loss of hosts was not noted");
  }
}

/** The baselines are the table that was settled. */
function checkBooks({ settlement, page, reading, ours, ipMac, world }: Case): void {
  const { baselines, meter, epoch, at } = settlement.books;
  must(baselines.size === page.rows.length, "the books know other hosts than the table");
  for (const host of page.rows) equal(baselines.get(host.ip) ?? NOTHING, host, `the baseline of ${host.ip}`);
  must(meter === reading.meter && epoch === reading.epoch && at === reading.at, "the books are of another reading");
  for (const { ip, mac } of settlement.charges) {
    const shown = ipMac.get(ip) ?? page.rows.find((row) => row.ip === ip)?.mac ?? null;
    const known = ours.books?.baselines.get(ip)?.mac ?? null;
    const isGroup = shown === BROADCAST_MAC || shown === world.addresses.group.mac;
    must(mac === (isGroup ? (known ?? shown) : shown), `${ip} was charged to ${mac}, and shows ${shown}`);
  }
  for (const ip of settlement.forgotten) must(ours.books?.baselines.has(ip) === true, `${ip} was never known`);
  for (const { ip } of settlement.addresses) must(baselines.has(ip), `${ip} is not listed`);
}

/**
 * Only eviction takes hosts away, and it does so when a host is new: a table of the run that we know from which hosts are gone,
 * and in which nothing is new, was stored on its way. It takes a second reading to be believed.
 */
function checkFirstSight(one: Case): void {
  if (one.rejected !== null || one.ours.books?.epoch !== one.reading.epoch) return;
  must(
    showsNew(one) || !losesHosts(one),
    "a table from which hosts are gone, and that shows nothing new, was believed",
  );
}

/** Whether any counter of the table lies above what we knew. */
function showsNew({ reading, ours }: Pick<Case, "reading" | "ours">): boolean {
  return reading.hosts.some(({ ip, in: down, out }) => {
    const known = ours.books?.baselines.get(ip) ?? NOTHING;
    return down > known.in || out > known.out;
  });
}

/** Whether a host that we knew is gone from the table, or below its counters. */
function losesHosts({ page, ours }: Pick<Case, "page" | "ours">): boolean {
  return [...(ours.books?.baselines ?? [])].some(([ip, base]) => {
    const host = page.rows.find((row) => row.ip === ip);
    return host === undefined || host.in < base.in || host.out < base.out;
  });
}

/** What holds whatever a proxy made of a reading: never more than darkstat can have counted meanwhile. */
function checkBounds(one: Case): void {
  const { settlement, passed, meter, page, ours, isSameRun, charged, world, codes } = one;
  const last = one.rejected?.poll;
  const isOneRun = isSameRun && !one.mixed && last?.mixed === false;
  const isStored = isOneRun && last?.page === page && one.reading.before.bytes > last.reading.after.bytes;
  const isBelieved = isStored && one.isWhole && !ours.tainted && listsRemoteHosts(one);
  must(!isBelieved, "a stored table was believed, though the total grew");
  must(one.rejected !== null || !isOldTable(one), "an old table was believed in a new run");
  // Pages of two runs that happen to agree tell nothing of either.
  if (codes.has("clean-import") || one.mixed || ours.mixed || clocksAddTime(one)) return;
  // A page of a run before, which had the same since-text as another, proves anything.
  if (page.runId !== meter.run.id && (meter.runsOfText.get(one.reading.epoch) ?? 0) > 1) return;
  const before = isSameRun ? (ours.books?.counted ?? 0) : 0;
  const most = Math.max(meter.run.bytes, page.runBytes);
  must(passed <= Math.max(0, most - before), `${passed} counted of ${most - before}`);
  if (meter.run.evictions > 0 || meter.run.imported !== null || ours.tainted || !isSameRun) return;
  for (const [ip, got] of charged) {
    atMost(got, minus(world.truth.get(ip) ?? NOTHING, ours.page.truth.get(ip) ?? NOTHING), `${ip}: invented`);
  }
  must(settlement.books.counted <= most, "more was counted than passed");
}

/** Beside the first page of a new run, a table that a proxy stored: of the run before, or of this one when it was younger. */
function isOldTable({ codes, reading, page, meter, ours, isWhole, isSameText, ...one }: Case): boolean {
  if (reading.epoch !== meter.run.epoch || isSameText || reading.before.bytes === 0) return false;
  const shows = sumOf(reading.hosts);
  const isShort = shows.in < reading.before.bytes || shows.out < reading.before.bytes;
  if (codes.has("meter-restarted")) {
    return isWhole && isShort && page.runId === meter.run.id && listsRemoteHosts({ page, ...one });
  }
  return codes.has("stale-import") && page.runId !== meter.run.id && !showsNew({ reading, ours });
}

function checkFirst({ reading, calendar, charged, passed, page, isWhole }: Case): void {
  const sums = sumOf(reading.hosts);
  const imported = sums.in > reading.after.bytes || sums.out > reading.after.bytes;
  const startedAt = reading.at - reading.after.uptimeSeconds * 1000;
  const isToday = calendar.dayOf(startedAt) === calendar.dayOf(reading.at);
  for (const host of page.rows) {
    equal(charged.get(host.ip) ?? NOTHING, isToday && !imported ? host : NOTHING, `${host.ip} at the first reading`);
  }
  if (isToday && isWhole) must(passed === page.runBytes, `${passed} counted of ${page.runBytes}`);
}

function checkSameRun(one: Case): void {
  const { ours, page, charged, passed, isWhole, unattributed, unlisted, meter, settlement, reading } = one;
  const { localOnly } = one.world.options;
  for (const host of page.rows) {
    const { ip } = host;
    const got = charged.get(ip) ?? NOTHING;
    const since = minus(page.truth.get(ip) ?? NOTHING, ours.page.truth.get(ip) ?? NOTHING);
    const base = ours.books?.baselines.get(ip) ?? NOTHING;
    const evicted = (page.evictions.get(ip) ?? 0) !== (ours.page.evictions.get(ip) ?? 0);
    atMost(got, since, `${ip}: invented`);
    if (!evicted) equal(got, since, `${ip} in an undisturbed run`);
    else if (host.in < base.in || host.out < base.out) equal(got, host, `${ip} evicted and back`);
    else if (base.in === 0 && base.out === 0) equal(got, host, `${ip} seen gone, and back`);
  }
  must(
    [...charged.keys()].every((ip) => page.rows.some((row) => row.ip === ip)),
    "a host was charged that isn't listed",
  );
  if (isWhole) {
    must(passed === page.runBytes - ours.page.runBytes, `${passed} counted of ${page.runBytes - ours.page.runBytes}`);
    equal(sumOf([unattributed, unlisted]), NOTHING, "left over in an undisturbed run");
  }
  // Nothing is lost for good: what one reading could not see of the total, the next one counts.
  const { counted, forgotHosts } = settlement.books;
  must(counted >= reading.before.bytes && counted <= page.runBytes, `the total stands at ${counted}`);
  if (meter.run.evictions === 0) equal(unattributed, NOTHING, "unattributed though nobody was forgotten");
  // While it lists nobody from outside, it may be one that never does.
  const listsRemote = listsRemoteHosts(one);
  if (forgotHosts > 0 || (!localOnly && listsRemote && ours.books?.unlistedBytes === 0)) {
    equal(unlisted, NOTHING, "unlisted though darkstat lists everybody");
  }
  if (losesHosts(one)) must(forgotHosts > (ours.books?.forgotHosts ?? 0), "nobody noticed that hosts were forgotten");
}

/** A run that began after our last reading, of the darkstat that we know. */
function checkNewRun(one: Case): void {
  const { codes, charged, page, passed, isSameText, isWhole, reading, ours, meter } = one;
  if (codes.has("other-meter")) {
    must(clocksHideTime(one) || mayBeOther(one) || ours.tainted, "a restart was taken for another darkstat");
    must(charged.size === 0 && passed === 0, "another darkstat's bytes were charged");
    return;
  }
  if (meter.run.imported !== null) {
    checkImport(one);
    return;
  }
  if (isSameText && codes.has("books-violated")) {
    must(charged.size === 0, "somebody was charged from books that were given up");
    return;
  }
  if (isSameText && !codes.has("meter-restarted")) {
    // Nothing betrayed the new run: it has overtaken the old one in everything.
    must(page.runBytes >= (ours.books?.counted ?? 0), "a total ran backwards within a run");
    atMost(sumOf(charged.values()), { in: page.runBytes, out: page.runBytes }, "more was charged than the run counted");
    return;
  }
  must(codes.has("meter-restarted"), "a restart was not noted");
  for (const host of page.rows) equal(charged.get(host.ip) ?? NOTHING, host, `${host.ip} in a new run`);
  must(passed <= page.runBytes && passed >= reading.before.bytes, `${passed} counted of ${page.runBytes}`);
  if (isWhole) must(passed === page.runBytes, `${passed} counted of ${page.runBytes}`);
}

/** Another darkstat, which sees the same wire: what it counted before our last reading may be charged already. */
function checkOtherDarkstat(one: Case): void {
  const { codes, charged, meter, ours, passed, page, world } = one;
  if (codes.has("other-meter")) {
    must(charged.size === 0 && passed === 0, "another darkstat's bytes were charged");
    must(clocksHideTime(one) || mayBeOther(one), "a young darkstat was not charged");
    return;
  }
  if (meter.run.startedAt <= ours.settledAt && clocksAddTime(one)) return;
  if (meter.run.imported !== null) {
    checkImport(one);
    return;
  }
  for (const [ip, got] of charged) {
    atMost(got, minus(page.truth.get(ip) ?? NOTHING, ours.page.truth.get(ip) ?? NOTHING), `${ip}: charged twice`);
  }
  must(passed <= world.bytes - ours.page.bytes, "more was counted than passed");
}

/** The address was changed, and the run may have begun before our last reading, as far as clocks can tell. */
function mayBeOther({ reading, ours, meter }: Case): boolean {
  const slackMs = reading.elapsedMs === null ? CLOCK_JUMP_MS + 2_000 : 4_000;
  return reading.meter !== ours.books?.meter && meter.run.startedAt - ours.settledAt <= slackMs;
}

function checkImport(one: Case): void {
  const { reading, page, ours, charged, codes, passed, unattributed, meter, world, isSameDarkstat } = one;
  const sums = sumOf(reading.hosts);
  const all = sumOf(charged.values());
  const isSeen = sums.in > reading.after.bytes || sums.out > reading.after.bytes;
  if (!isSeen || codes.has("meter-restarted")) {
    // Evictions hid the import: who is charged may be wrong, how much may not.
    must(!isSeen, "an import was not seen");
    const { bytes } = reading.after;
    atMost(all, { in: bytes, out: bytes }, "an unseen import was charged more than its run counted");
    return;
  }
  if (one.isSameText && !codes.has("clean-import") && !codes.has("stale-import")) {
    atMost(all, { in: passed, out: passed }, "more was charged than counted");
    return;
  }
  const file = meter.run.imported;
  const isClean =
    file?.atEnd === true &&
    isSameDarkstat &&
    file.ofRun === ours.runId &&
    meter.runs === ours.page.runs + 1 &&
    !ours.tainted &&
    meter.run.evictions === 0 &&
    !world.options.localOnly;
  if (codes.has("stale-import")) {
    must(charged.size === 0, "a stale import charged somebody");
    equal(unattributed, { in: reading.before.bytes, out: reading.before.bytes }, "unattributed after a stale import");
    const excused = exceedsLine(one) || (one.clockWasSet && world.options.showsLastSeen);
    must(!isClean || excused, "a clean import was taken for a stale one");
    return;
  }
  must(codes.has("clean-import"), "an import was not noted");
  checkEvidence(one);
  const grown = minus(sums, sumOf(ours.books?.baselines.values() ?? []));
  must(Math.min(grown.in, grown.out) >= reading.before.bytes, "a clean import grew by less than its total");
  equal(sumOf([all, unattributed]), { in: passed, out: passed }, "the books of an import do not balance");
  const room = { in: Math.max(0, reading.before.bytes), out: Math.max(0, reading.before.bytes) };
  const known = sumOf([...charged].filter(([ip]) => ours.books?.baselines.has(ip)).map(([, amount]) => amount));
  const fresh = minus(all, known);
  const shown = sumOf(reading.hosts.filter(({ ip }) => ours.books?.baselines.has(ip) === false));
  const left = { in: Math.max(0, room.in - known.in), out: Math.max(0, room.out - known.out) };
  const due = { in: Math.min(shown.in, left.in), out: Math.min(shown.out, left.out) };
  equal(fresh, due, "newcomers of an import");
  if (!isClean) return;
  for (const host of page.rows) {
    const since = minus(page.truth.get(host.ip) ?? NOTHING, ours.page.truth.get(host.ip) ?? NOTHING);
    const got = charged.get(host.ip) ?? NOTHING;
    if (ours.books?.baselines.has(host.ip)) equal(got, since, `${host.ip} after a clean import`);
    else atMost(got, since, `${host.ip}: invented after a clean import`);
  }
  must(passed === page.bytes - ours.page.bytes, `${passed} counted of ${page.bytes - ours.page.bytes} over an import`);
}

/** A table that continues what we knew: nothing missing, nothing below, nobody last seen earlier, no more than the line. */
function checkEvidence(one: Case): void {
  const { reading, ours, page } = one;
  const listed = new Map(page.rows.map((host) => [host.ip, host]));
  const elapsedMs = elapsedByOurClocks(one);
  for (const [ip, base] of ours.books?.baselines ?? []) {
    const host = listed.get(ip);
    must(host !== undefined && host.in >= base.in && host.out >= base.out, `${ip} is below what we knew`);
    if (one.clockWasSet || base.seenAt === null || host.lastSeenSeconds === null) continue;
    const mostMs = (ours.books?.at ?? 0) - base.seenAt + elapsedMs + CLOCK_JUMP_MS + 2_000;
    must(host.lastSeenSeconds * 1000 <= mostMs, `${ip} was last seen earlier than we knew`);
  }
  must(!exceedsLine(one), "an import was charged more than the line can have carried");
  must(reading.after.bytes >= 0, "a total below zero");
}

/** More than a gigabit line carries: the bound that keeps foreign exports out. */
function exceedsLine(one: Case): boolean {
  const { reading, ours } = one;
  const slackMs = reading.elapsedMs === null ? CLOCK_JUMP_MS : 2_000;
  const awayMs = Math.max(0, elapsedByOurClocks(one) - reading.before.uptimeSeconds * 1000) + slackMs;
  const grown = minus(sumOf(reading.hosts), sumOf(ours.books?.baselines.values() ?? []));
  return Math.max(grown.in, grown.out) > reading.after.bytes + (awayMs / 1000) * FASTEST_LINE;
}

function elapsedByOurClocks({ reading, ours }: Poll): number {
  return Math.max(reading.elapsedMs ?? 0, reading.at - (ours.books?.at ?? 0), 0);
}

/** Our clocks know of less time, or of more, than has passed since our last reading: no rule can be right then. */
export function clocksHideTime(poll: Poll): boolean {
  return elapsedByOurClocks(poll) < poll.world.now - poll.ours.settledAt - 1_000;
}

export function listsRemoteHosts({ page, world }: Pick<Poll, "page" | "world">): boolean {
  return page.rows.some(({ ip }) => world.addresses.remote.includes(ip));
}

/** Traffic during the reading, or evictions, make up for what was imported: then it can't be seen. */
export function hidesImport({ meter, reading }: Poll): boolean {
  const sums = sumOf(reading.hosts);
  return meter.run.imported !== null && Math.max(sums.in, sums.out) <= reading.after.bytes;
}

function clocksAddTime(poll: Poll): boolean {
  return elapsedByOurClocks(poll) > poll.world.now - poll.ours.settledAt + 1_000;
}
