import { signal } from "@preact/signals";
import { getJson, urlOf } from "../api.ts";
import type { ApiStatus } from "../wire.ts";
import { isBackIn, refreshAccess, signedOut } from "./access.ts";
import { connection, lost, opened } from "./connection.ts";
import { backoffMs, isSilent } from "./patience.ts";
import { hearClock, now, today } from "./today.ts";
import { refresh, status, usage } from "./usage.ts";

/** Goes up with each reading that the server announces. */
export const readings = signal(0);

/** While there is no stream for this page, a stream is asked for again after so many intervals. */
const POLLS_BETWEEN_STREAMS = 10;

/** A page that nobody sees lets go of its connection after this long. */
const HIDDEN_MS = 60_000;

let source: EventSource | null = null;
/** Goes up when a way to get news is given up. */
let attempt = 0;
let failures = 0;
let heardAt = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let sleep: ReturnType<typeof setTimeout> | undefined;

/**
 * Keeps the figures current: a stream of the server's readings and problems, reconnected by itself, and the status asked
 * for where the stream has nothing to say.
 */
export function startLive(): void {
  void readStatus();
  connect();
  setInterval(watch, 5000);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(sleep);
    if (document.visibilityState === "hidden") {
      sleep = setTimeout(disconnect, HIDDEN_MS);
    } else void comeBack();
  });
  // Kept by the browser from before, and shown again as it was: after a sign-out, too.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) catchUp();
  });
  // Windows side by side are both visible, and in one of them somebody may have signed in.
  addEventListener("focus", () => {
    if (signedOut.peek()) void comeBack();
  });
  // Back from a sleep or another network: no reason to wait for the next try.
  addEventListener("online", () => {
    failures = 0;
    catchUp();
    connect();
  });
}

/** Somebody looks again: at the present, and as who he is by now. */
async function comeBack(): Promise<void> {
  const wasOut = signedOut.peek();
  if (!wasOut) void refreshAccess();
  else if (!(await isBackIn())) return;
  if (source !== null && !wasOut) return;
  catchUp();
  connect();
}

/** Tries at once what is waited for. */
export function retryNow(): void {
  failures = 0;
  catchUp();
  connect();
}

function connect(): void {
  disconnect();
  // Every try would be refused.
  if (signedOut.peek()) return;
  heardAt = Date.now();
  const mine = new EventSource(urlOf("api/v1/events"));
  source = mine;
  let wasOpen = false;
  mine.addEventListener("open", () => {
    wasOpen = true;
    const wasLost = connection.peek().state === "lost";
    failures = 0;
    heardAt = Date.now();
    opened();
    if (wasLost) catchUp();
  });
  mine.addEventListener("reading", (event) => {
    heardAt = Date.now();
    opened();
    try {
      hearStatus((JSON.parse(event.data) as { status: ApiStatus }).status);
    } catch {
      return;
    }
    hearReading();
  });
  mine.addEventListener("status", (event) => {
    heardAt = Date.now();
    hearStatus(JSON.parse(event.data) as ApiStatus);
  });
  mine.addEventListener("error", () => {
    if (source !== mine) return;
    // Closed by the browser, which will not try again, before it was open: something answered, but with no stream.
    const wasRefused = !wasOpen && mine.readyState === EventSource.CLOSED;
    disconnect();
    if (wasRefused) void poll(POLLS_BETWEEN_STREAMS);
    else tryAgainLater();
  });
}

/** Asks for the status once an interval, as the server advises when it has no stream left for this page. */
async function poll(left: number): Promise<void> {
  const mine = attempt;
  const readAt = status.peek()?.meter.readAt;
  const answered = await readStatus();
  if (mine !== attempt) return;
  if (!answered) {
    tryAgainLater();
    return;
  }
  failures = 0;
  opened();
  if (status.peek()?.meter.readAt !== readAt) hearReading();
  retry = setTimeout(() => (left > 1 ? void poll(left - 1) : connect()), intervalMs());
}

function tryAgainLater(): void {
  lost(false);
  if (signedOut.peek()) return;
  failures += 1;
  retry = setTimeout(connect, backoffMs(failures, Math.random()));
}

function disconnect(): void {
  attempt += 1;
  clearTimeout(retry);
  source?.close();
  source = null;
}

/** A connection can die without a word; and without readings, the status is what tells why. */
function watch(): void {
  if (document.visibilityState !== "visible" || source === null) return;
  if (!isSilent(heardAt, Date.now(), intervalMs())) return;
  heardAt = Date.now();
  void readStatus().then((answered) => {
    if (!answered) return;
    // It answers, yet the stream is still: perhaps only the stream is dead.
    const readAt = status.peek()?.meter.readAt ?? 0;
    if (now.peek() - readAt < intervalMs() * 2) {
      connect();
      void refresh();
    }
  });
}

/** The server read the meter again: what is shown of today has changed. */
function hearReading(): void {
  readings.value += 1;
  const shown = usage.peek();
  if (shown === null || (shown.from <= today.peek() && today.peek() <= shown.to)) void refresh();
}

function intervalMs(): number {
  return status.peek()?.meter.intervalMs ?? 30_000;
}

function catchUp(): void {
  void readStatus();
  void refresh();
}

async function readStatus(): Promise<boolean> {
  try {
    hearStatus(await getJson<ApiStatus>("api/v1/status"));
    return true;
  } catch {
    lost(true);
    return false;
  }
}

function hearStatus(answer: ApiStatus): void {
  hearClock(answer);
  status.value = answer;
}
