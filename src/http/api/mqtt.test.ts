import { describe, expect, test } from "vitest";
import type { MqttChange, MqttStatus } from "../../mqtt/service.ts";
import { SETTINGS } from "../../settings/table.ts";
import { testApp, testDeps } from "../testing.ts";

const NOTHING: MqttStatus = {
  choice: { url: null, devices: [], owners: true },
  url: null,
  bySetting: false,
  connected: false,
  why: null,
  published: 0,
};
const SECRET = "mqtt://anna:geheim%40@192.168.1.5:1883";

async function appWith(status: MqttStatus, why: string | null = null) {
  const changes: MqttChange[] = [];
  const tried: string[] = [];
  const deps = await testDeps([], {
    mqtt: {
      status: () => status,
      choose: async (change) => void changes.push(change),
      test: async (url) => {
        tried.push(url);
        return why;
      },
      readUrl: SETTINGS.MQTT_URL.parse,
    },
  });
  const app = testApp(deps);
  const put = (path: string, body: unknown) =>
    app.request(`/api/v1/${path}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  return { app, put, changes, tried };
}

describe("api/v1/mqtt", () => {
  test("shows the broker without its password", async () => {
    const { app } = await appWith({ ...NOTHING, url: SECRET, choice: { ...NOTHING.choice, url: SECRET } });
    const text = await (await app.request("/api/v1/mqtt")).text();
    expect(text).not.toContain("geheim");
    expect(JSON.parse(text)).toMatchObject({ url: "mqtt://anna:***@192.168.1.5:1883", bySetting: false, devices: [] });
  });

  test("changes what is said, and leaves the rest", async () => {
    const { put, changes } = await appWith(NOTHING);
    expect((await put("mqtt", { devices: "all" })).status).toBe(200);
    expect((await put("mqtt", { url: "mqtts://broker.lan" })).status).toBe(200);
    expect((await put("mqtt", { url: null })).status).toBe(200);
    expect(changes).toEqual([{ devices: "all" }, { url: "mqtts://broker.lan" }, { url: null }]);
  });

  test("takes the stars that it showed for the password that it knows", async () => {
    const { put, changes, tried } = await appWith({ ...NOTHING, url: SECRET });
    await put("mqtt", { url: "mqtt://anna:***@192.168.1.5:1883", owners: false });
    await put("mqtt/test", { url: "mqtt://anna:***@192.168.1.5:1883" });
    expect(changes).toEqual([{ url: SECRET, owners: false }]);
    expect(tried).toEqual([SECRET]);
    // The password of one broker is not sent to another.
    await put("mqtt/test", { url: "mqtt://anna:***@192.168.1.6:1883" });
    expect(tried[1]).toBe("mqtt://anna:***@192.168.1.6:1883");
  });

  test("a broker that MQTT_URL names isn't changed here, but what is published is", async () => {
    const { put, changes } = await appWith({ ...NOTHING, url: SECRET, bySetting: true });
    const refused = await put("mqtt", { url: null });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ error: { code: "own-mqtt" } });
    expect((await put("mqtt", { devices: [] })).status).toBe(200);
    expect(changes).toEqual([{ devices: [] }]);
  });

  test.each([
    [{ url: "http://192.168.1.5" }, "doesn't begin with mqtt://"],
    [{ url: "mqtt://" }, "url"],
    [{ url: "mqtt://host/geheim" }, "has a path"],
    [{ devices: "some" }, "devices"],
    [{ device: "all" }, "unknown"],
    [[], "object"],
  ])("says what is wrong with %j, and shows no password", async (body, words) => {
    const { put, changes } = await appWith(NOTHING);
    const response = await put("mqtt", body);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; message: string; hint: string } };
    expect(error).toMatchObject({ code: "bad-mqtt", hint: expect.stringContaining("mqtt://") });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("geheim");
    expect(changes).toEqual([]);
  });

  test("tells what the other side said", async () => {
    const { put } = await appWith(NOTHING, "the user or the password is wrong");
    const response = await put("mqtt/test", { url: SECRET });
    expect(await response.json()).toEqual({ ok: false, why: "the user or the password is wrong" });
  });
});
