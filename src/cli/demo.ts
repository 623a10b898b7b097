import { readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { DEFAULT_SEGMENTS } from "../accounting/address.ts";
import { addDays, type Calendar } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import { createView } from "../accounting/view.ts";
import { liveThroughThePast } from "../demo/history.ts";
import { createHousehold, DEMO_LEASES, DEMO_NAMES, DEMO_ROUTER, type Incident } from "../demo/household.ts";
import { keepPlan, LINE } from "../http/api/plan-subjects.ts";
import { createDarkstatClient } from "../meters/darkstat/client.ts";
import { createFakeDarkstat } from "../meters/darkstat/simulated/index.ts";
import { makeFolder } from "../settings/data-store.ts";
import { writeFileAtomically } from "../settings/text-file.ts";
import type { Plan } from "../shared/plan-api.ts";
import { createRandom, RANDOM_END } from "../shared/random.ts";
import type { Store } from "../store/store.ts";
import { fillAlerts } from "./demo-alerts.ts";
import { fillPeople } from "./demo-people.ts";
import { fileError } from "./errors.ts";
import { EXIT, type Io } from "./io.ts";
import { type Feed, SOURCE } from "./metering.ts";
import { runProduct } from "./product.ts";
import { createProgress } from "./progress.ts";
import { createRemoteHours } from "./remote-hours.ts";
import { leaveRoot } from "./root.ts";
import { openLog, settingsOrReport } from "./serve.ts";

const PAST_DAYS = 365;
/** What the television does in the last night: an update, between these hours. */
const NIGHT = { mac: "04:5d:4b:10:20:01", fromHour: 2, toHour: 6, bytes: 41_000_000_000 };
/** The demo's data plan: so many days of its cycle are over, and at this pace it will be exceeded. */
const PLAN_DAYS_OVER = 22;
const ALLOWANCE_PER_USED = 1.2;
const DEMO_VIEW = createView({
  segments: DEFAULT_SEGMENTS,
  routers: { auto: false, macs: [DEMO_ROUTER] },
  ipFilter: /^/,
  ipMac: new Map(),
  macMac: new Map(),
});
const FOLDER = "demo-data";
/** The household goes on living while it is looked at. */
const TICK_MS = 1_000;

/**
 * Shows a simulated household, in a store of its own that is made anew at each start: never mixed with real data.
 * @returns the exit code
 */
export async function demo(io: Io): Promise<number> {
  const folder = resolve(io.cwd, FOLDER);
  const leases = join(folder, "dhcp.leases");
  const { DARKSTAT_URL: _, DARKSTAT_CA: __, MQTT_URL: ___, ...env } = io.env;
  const ownIo: Io = {
    ...io,
    env: {
      SERVER_PORT: "7777",
      IdleSeconds: "5",
      UpdateDBSeconds: "30",
      ...env,
      DATA_STORE: folder,
      NAME_FILES: leases,
    },
  };
  try {
    await makeFolder(folder);
    // What is in it goes, not the folder: it may stand where this user can't make another.
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    const peek = io.uid === 0 ? await settingsOrReport(ownIo, { create: false }) : null;
    if (peek !== null) await leaveRoot(ownIo, peek, "none");
    const names = DEMO_NAMES.map(([mac, name]) => `${mac}|${name}\n`).join("");
    await writeFileAtomically(join(folder, "MAC_HOST.txt"), names);
    await writeFileAtomically(leases, DEMO_LEASES);
  } catch (error) {
    throw fileError(error, "write", folder);
  }
  const loaded = await settingsOrReport(ownIo);
  if (loaded === null) return EXIT.config;
  const { calendar, log } = openLog(ownIo, loaded.settings);

  const now = io.clock.now();
  const clock = { at: now };
  const midnight = calendar.slotsOf(addDays(calendar.dayOf(now), -PAST_DAYS))[0]?.from ?? now;
  clock.at = midnight;
  const fake = createFakeDarkstat({ now: () => clock.at, routerMac: DEMO_ROUTER, interface: "demo0" });
  const dice = createRandom(20);
  const household = createHousehold({
    model: fake,
    // The same at every start, so that a screenshot can be taken again.
    random: () => dice() / RANDOM_END,
    endsAt: now,
    incidents: [lastNight(calendar, now)],
    localTime(at) {
      const { day, from, hour } = calendar.slotOf(at);
      return {
        hour: hour + (at - from) / 3_600_000,
        weekend: [0, 6].includes(new Date(`${day}T12:00:00Z`).getUTCDay()),
      };
    },
  });
  const url = await fake.start();
  const client = createDarkstatClient({ url, now: () => io.clock.now() });
  const feed: Feed = {
    name: null,
    isView: false,
    kind: "darkstat",
    whyNotKernel: null,
    embedded: true,
    async start(signal) {
      void (async () => {
        while (!signal.aborted) {
          await io.clock.sleep(TICK_MS, signal);
          const from = clock.at;
          clock.at = io.clock.now();
          if (clock.at > from) household.live(from, clock.at);
        }
      })();
    },
    stop: () => fake.stop(),
    url: () => url,
    meter: () => client,
    problem: () => null,
  };
  io.stdout.write(`Demo: simulated data, in ${folder}.\n`);
  const progress = createProgress(io.stderr, () => io.clock.mono());
  try {
    return await runProduct({
      io: ownIo,
      loaded,
      calendar,
      log,
      feeds: [feed],
      demo: true,
      prepare: async (store, policy, people) => {
        const remoteHours = createRemoteHours({
          store,
          calendar,
          // A reading at a full hour is of the hour before.
          now: () => clock.at - 1,
          view: () => DEMO_VIEW,
          routers: () => DEMO_VIEW.routers,
        });
        await liveThroughThePast({
          model: fake,
          household,
          store,
          policy,
          source: SOURCE,
          meter: client.url,
          clock,
          onSettled: ({ charges }) => remoteHours.settled(charges),
          from: midnight,
          to: now,
          onDay: (done) => progress.report("Simulating a year", done, now - midnight),
        });
        progress.end();
        await remoteHours.keep();
        await fillAlerts(store, now);
        await fillPeople(store, people);
        await keepPlan(store, { of: LINE, aliases: [] }, await planFor(store, calendar.dayOf(now)));
      },
    });
  } finally {
    progress.end();
    log.close();
  }
}

/** Of today; before it could have been, the hours since midnight. */
function lastNight(calendar: Calendar, now: number): Incident {
  const { day } = calendar.slotOf(now);
  const slots = calendar.slotsOf(day);
  const { mac, fromHour, toHour, bytes } = NIGHT;
  const [from, to, midnight] = [slots[fromHour]?.from ?? now, slots[toHour]?.from ?? now, slots[0]?.from ?? now];
  return { mac, down: bytes, up: bytes / 100, ...(to <= now ? { from, to } : { from: midnight, to: now }) };
}

/** A monthly plan that is about to be exceeded. */
async function planFor(store: Pick<Store, "lineDays">, today: Day): Promise<Plan> {
  const from = addDays(today, -PLAN_DAYS_OVER);
  const days = await store.lineDays(from, today);
  const used = days.reduce((sum, day) => sum + day.in + day.out, 0);
  return {
    name: "Fibre",
    cycle: { unit: "month", count: 1, from },
    allowance: Math.ceil((used * ALLOWANCE_PER_USED) / 10e9) * 10e9,
    unit: 1000,
    counts: "both",
    free: [],
    except: { owners: [], devices: [] },
    overPrice: { perGb: 0.2, currency: "EUR" },
    corrections: [],
  };
}
