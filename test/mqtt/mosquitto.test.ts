import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import type { DeviceFigures, Figures } from "../../src/mqtt/figures.ts";
import { createMqttService, type MqttService } from "../../src/mqtt/service.ts";
import { eventually } from "../lib/commands.ts";
import { startWhiteStat } from "../lib/whitestat.ts";
import { AUTHORITY, isThere, type Listener, listenAt, type Mosquitto, startMosquitto } from "./broker.ts";
import { discoveryRules } from "./discovery-rules.ts";

const PHONE = "02:1a:2b:00:00:05";
const TV = "02:1a:2b:00:00:06";
const GB = 1_000_000_000;

const device = (more: Partial<DeviceFigures> = {}): DeviceFigures => ({
  key: PHONE,
  name: "Anna's phone",
  vendor: null,
  plan: null,
  lastSeenAt: Date.parse("2026-01-31T12:00:00Z"),
  today: { in: 2 * GB, out: GB },
  total: { in: 20 * GB, out: 10 * GB },
  folded: false,
  ...more,
});
const FIGURES: Figures = {
  day: "2026-01-31",
  household: { today: { in: 3 * GB, out: GB }, total: { in: 30 * GB, out: 10 * GB } },
  activeDevices: 2,
  plan: null,
  owners: [],
  devices: [device()],
  problems: [],
};
const PLAN = { cycle: "2026-01-15", used: 40 * GB, allowance: 50 * GB, expected: 60 * GB, daysLeft: 14 };

describe.skipIf(!isThere)("a real Mosquitto (apt-get install mosquitto)", () => {
  let folder: string;
  let broker: Mosquitto;
  let listener: Listener;
  let figures: Figures;
  let minutes: number;
  /** How often figures were asked for. */
  let asked = 0;
  let memory: Map<string, unknown>;
  let said: string[];
  const services: MqttService[] = [];

  function service(setting: { url: string | null; trusted?: readonly string[] }): MqttService {
    const created = createMqttService({
      store: {
        recall: async <T>(name: string) => (memory.get(name) ?? null) as T | null,
        remember: async (name, value) => void memory.set(name, structuredClone(value)),
      },
      setting: { url: setting.url, trusted: setting.trusted },
      figures: async () => {
        asked += 1;
        return figures;
      },
      version: "12.0.0",
      clock: {
        mono: () => minutes * 60_000,
        sleep: (ms, signal) =>
          new Promise((resolve) => {
            // What waits for the next start of Home Assistant need not wait here.
            const timer = setTimeout(resolve, Math.min(ms, 15_000) / 50);
            signal.addEventListener("abort", () => {
              clearTimeout(timer);
              resolve();
            });
          }),
      },
      random: () => 0.25,
      log: { info: (line) => said.push(line), warn: (line) => said.push(line) },
    });
    services.push(created);
    return created;
  }
  const started = async (setting: Parameters<typeof service>[0] = { url: broker.url }) => {
    const one = service(setting);
    await one.start();
    await eventually(() => expect(one.status()).toMatchObject({ connected: true, why: null }));
    return one;
  };
  /** The next reading is settled, a minute later. */
  const announce = (one: MqttService) => {
    minutes += 1;
    one.announce();
  };
  const HOUSE = "whitestat_40000000";
  const PHONES = `${HOUSE}_021a2b000005`;
  const config = (id: string) => listener.messages.get(`homeassistant/device/${id}/config`);
  const state = (id: string) => JSON.parse(listener.messages.get(`whitestat/40000000/${id}/state`) ?? "null");
  const availability = () => listener.messages.get("whitestat/40000000/availability");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "whitestat-mqtt-"));
    broker = await startMosquitto(folder);
  }, 60_000);
  beforeEach(async () => {
    [figures, minutes, memory, said] = [FIGURES, 0, new Map(), []];
    listener = await listenAt(broker.url);
  });
  afterEach(async () => {
    for (const one of services.splice(0)) await one.stop();
    for (const topic of listener.messages.keys()) await listener.publish(topic, "", { retain: true });
    await listener.end();
  });
  afterAll(async () => {
    await broker?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("Home Assistant finds the household, with figures that it can add up", async () => {
    await started();
    await eventually(() => expect(availability()).toBe("online"));
    const message = JSON.parse(config(HOUSE) ?? "");
    expect(discoveryRules.parse(message)).toEqual(message);
    expect(message.components.download_today).toMatchObject({
      state_class: "total_increasing",
      unit_of_measurement: "B",
    });
    expect(message.state_topic).toBe(`whitestat/40000000/${HOUSE}/state`);
    expect(state(HOUSE)).toMatchObject({ download_today: 3 * GB, upload_today: GB, active_devices: 2, problem: "OFF" });
    // Devices on the network are published when they are chosen.
    expect(config(PHONES)).toBeUndefined();
  });

  test("every message keeps the rules of Home Assistant, with a plan, owners and all devices", async () => {
    const problems = ["The disk is full."];
    const owners = [{ id: 1, name: "<script>Kids</script>", today: { in: GB, out: 0 }, plan: PLAN }];
    const devices = [device({ plan: PLAN }), device({ key: "192.168.1.9" }), device({ key: TV, folded: true })];
    figures = { ...FIGURES, plan: PLAN, owners, problems, devices };
    const one = await started();
    await one.choose({ devices: "all" });
    await eventually(() => expect(one.status().published).toBe(4));
    const messages = [...listener.messages].filter(([topic]) => topic.startsWith("homeassistant/device/"));
    expect(messages).toHaveLength(4);
    const ids = messages.flatMap(([, text]) => {
      const message = discoveryRules.parse(JSON.parse(text));
      return Object.values(message.components).map((component) => "unique_id" in component && component.unique_id);
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(state(HOUSE)).toMatchObject({
      plan_left: 10 * GB,
      plan_share: 80,
      plan_over: "OFF",
      problem: "ON",
      problems,
    });
  });

  test("a password that is wrong is said, and tried again later without an end of the product", async () => {
    const url = broker.url.replace(/:[^:@]+@/, ":wrong@");
    const one = service({ url });
    await one.start();
    await eventually(() => expect(one.status().why).toMatch(/user or the password is wrong|doesn't let this user in/));
    expect(said.join("\n")).not.toContain("wrong@");
    expect(await one.test(url)).toMatch(/password|user/);
    expect(await one.test(broker.url)).toBeNull();
    expect(await one.test("mqtt://127.0.0.1:1")).toBe("connection refused: no broker listens there");
  });

  test("over TLS by a certificate of one's own, and by no other", async () => {
    const trusted = [await readFile(AUTHORITY, "utf8")];
    const refused = service({ url: broker.tlsUrl });
    await refused.start();
    await eventually(() => expect(refused.status().why).toContain("MQTT_CA"));
    await refused.stop();
    await started({ url: broker.tlsUrl, trusted });
    await eventually(() => expect(state(HOUSE)).not.toBeNull());
  });

  test("a device that is renamed is the same one, and one that is merged away is removed", async () => {
    figures = { ...FIGURES, devices: [device(), device({ key: TV, name: "TV" })] };
    const one = await started();
    await one.choose({ devices: "all" });
    await eventually(() => expect(one.status().published).toBe(3));
    const before = JSON.parse(config(PHONES) ?? "");
    figures = { ...FIGURES, devices: [device({ name: "Ben's phone" })] };
    announce(one);
    await eventually(() => expect(JSON.parse(config(PHONES) ?? "").device.name).toBe("Ben's phone"));
    const after = JSON.parse(config(PHONES) ?? "");
    expect({ ...after, device: { ...after.device, name: before.device.name } }).toEqual(before);
    await eventually(() => expect(config(`${HOUSE}_021a2b000006`)).toBeUndefined());
    expect(state(`${HOUSE}_021a2b000006`)).toBeNull();
  });

  test("what is chosen no longer goes at once, and a plan that is taken away takes its entities with it", async () => {
    figures = { ...FIGURES, plan: PLAN };
    const one = await started();
    await one.choose({ devices: [PHONE] });
    await eventually(() => expect(config(PHONES)).toBeDefined());
    await one.choose({ devices: [] });
    await eventually(() => expect(config(PHONES)).toBeUndefined());
    figures = FIGURES;
    const from = listener.log.length;
    announce(one);
    await eventually(() => expect(JSON.parse(config(HOUSE) ?? "").components.plan_used).toBeUndefined());
    const [leaving] = listener.log.slice(from).filter(({ topic }) => topic.endsWith("/config"));
    expect(JSON.parse(leaving?.payload ?? "").components.plan_used).toEqual({ platform: "sensor" });
  });

  test("no figure of today falls before midnight, also over a restart, and each begins anew after it", async () => {
    const first = await started();
    const today = (bytes: number, day = FIGURES.day) => ({
      ...FIGURES,
      day,
      household: { today: { in: bytes, out: 0 }, total: { in: bytes, out: 0 } },
    });
    figures = today(GB);
    await first.stop();
    expect(availability()).toBe("offline");
    // Two devices were split in between: the household's figure is smaller now.
    const second = await started();
    await eventually(() => expect(state(HOUSE)).toMatchObject({ download_today: 3 * GB, download_total: GB }));
    figures = today(5 * GB);
    announce(second);
    await eventually(() => expect(state(HOUSE)).toMatchObject({ download_today: 5 * GB }));
    figures = today(10, "2026-02-01");
    announce(second);
    await eventually(() => expect(state(HOUSE)).toMatchObject({ day: "2026-02-01", download_today: 10 }));
  });

  test("a broker that was started again knows everything, whether it kept it or not", async () => {
    const one = await started();
    for (const forget of [false, true]) {
      await broker.stop();
      await eventually(() => expect(one.status().connected).toBe(false));
      await broker.start({ forget });
      await eventually(() => expect(one.status().connected).toBe(true));
      const fresh = await listenAt(broker.url);
      await eventually(() => expect(fresh.messages.get("whitestat/40000000/availability")).toBe("online"));
      expect([...fresh.messages.keys()].filter((topic) => topic.includes(HOUSE))).toHaveLength(2);
      await fresh.end();
    }
  }, 60_000);

  test("when Home Assistant starts it is told again, though nothing has changed", async () => {
    await started();
    const from = listener.log.length;
    await listener.publish("homeassistant/status", "online");
    await eventually(() => {
      const topics = listener.log.slice(from).map(({ topic }) => topic);
      expect(topics).toContain(`homeassistant/device/${HOUSE}/config`);
      expect(topics).toContain(`whitestat/40000000/${HOUSE}/state`);
    });
  });

  test("leftovers of an earlier run go, and those of others stay", async () => {
    const [own, other] = [`homeassistant/device/${HOUSE}_owner_9/config`, "homeassistant/device/zigbee_1/config"];
    for (const topic of [own, other]) await listener.publish(topic, '{"components":{}}', { retain: true });
    await started();
    await eventually(() => expect(listener.messages.has(own)).toBe(false));
    expect(listener.messages.has(other)).toBe(true);
  });

  test("a broker that is no longer wanted forgets us; another one is told", async () => {
    const page = service({ url: null });
    await page.start();
    expect(page.status()).toMatchObject({ url: null, connected: false, why: null });
    await page.choose({ url: broker.url });
    await eventually(() => expect(page.status()).toMatchObject({ connected: true, bySetting: false }));
    await eventually(() => expect(config(HOUSE)).toBeDefined());
    await page.choose({ url: null });
    await eventually(() =>
      expect([...listener.messages.keys()].filter((topic) => topic.includes("40000000"))).toEqual([]),
    );
    expect(page.status()).toMatchObject({ url: null, connected: false });
  });

  test("an alert is an event at once, of a type that was announced", async () => {
    const one = await started();
    await eventually(() => expect(config(HOUSE)).toBeDefined());
    const { alert } = JSON.parse(config(HOUSE) ?? "").components;
    one.tell({ level: "warning", title: "80 % of the plan is used", text: "40 of 50 GB." });
    await eventually(() => expect(listener.messages.get(alert.state_topic)).toBeDefined());
    const event = JSON.parse(listener.messages.get(alert.state_topic) ?? "");
    expect(event).toEqual({ event_type: "warning", title: "80 % of the plan is used", text: "40 of 50 GB." });
    expect(alert.event_types).toContain(event.event_type);
  });

  test("at most one publish a minute, whatever is read", async () => {
    const one = await started();
    await eventually(() => expect(availability()).toBe("online"));
    const [from, before] = [listener.log.length, asked];
    figures = { ...FIGURES, activeDevices: 3 };
    for (let n = 0; n < 5; n++) one.announce();
    // A round trip to the broker takes longer than it takes to ask.
    await listener.publish("elsewhere", "");
    expect(asked).toBe(before);
    announce(one);
    await eventually(() => expect(state(HOUSE)).toMatchObject({ active_devices: 3 }));
    expect(listener.log.slice(from).filter(({ topic }) => topic !== "elsewhere")).toHaveLength(1);
  });

  test("the built product publishes what it has read, by MQTT_URL", async () => {
    const store = join(folder, "store");
    const darkstat = createFakeDarkstat({ now: () => Date.now() });
    const url = await darkstat.start();
    darkstat.traffic({ ip: "192.168.1.10", mac: PHONE }, "198.51.100.1", 1_000, 100);
    const product = await startWhiteStat({ store, env: { DARKSTAT_URL: url, MQTT_URL: broker.url } });
    try {
      const known = await eventually(async () => {
        const answer = (await (await fetch(`${product.url}/api/v1/mqtt`)).json()) as {
          connected: boolean;
          url: string;
        };
        expect(answer).toMatchObject({ connected: true, bySetting: true, published: 1 });
        return answer;
      });
      expect(known.url).toContain(":***@");
      expect(product.said()).not.toContain("s3cret");
      expect(await product.stop()).toBe(0);
      await eventually(() =>
        expect(
          [...listener.messages].filter(([topic]) => topic.endsWith("/availability")).map(([, text]) => text),
        ).toEqual(["offline"]),
      );
    } finally {
      await product.kill();
      await darkstat.stop();
    }
  }, 60_000);
});
