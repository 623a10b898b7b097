import { expect, test } from "vitest";
import { changeSources, DEFAULT_SOURCES } from "../../names/sources.ts";
import type { DeviceDetail, Usage } from "../../shared/api.ts";
import type { LearntNames } from "../learnt-names.ts";
import { NOTHING_LEARNT, testApp, testDeps } from "../testing.ts";

const MAC = "02:1a:2b:00:00:05";

/** Names of which one was learnt, and settings that are checked as the real ones are. */
function learntNames(): LearntNames & { changes: unknown[] } {
  const changes: unknown[] = [];
  return {
    ...NOTHING_LEARNT,
    learntName: (interfaces) =>
      interfaces.includes(MAC) ? { name: "<b>annas-phone", kind: "lease", from: "/etc/pihole/dhcp.leases" } : null,
    async change(change) {
      changeSources(DEFAULT_SOURCES, change);
      changes.push(change);
    },
    changes,
  };
}

const json = async <T>(response: Promise<Response>) => (await response).json() as Promise<T>;
const put = (body: unknown, headers = {}) => ({
  method: "PUT",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

test("a device is called by what was learnt, which goes before reverse DNS and behind a person's name, everywhere", async () => {
  const deps = await testDeps([{ ip: "192.168.1.5", mac: MAC, hostname: "dns.lan" }], { learnt: learntNames() });
  const app = testApp(deps);
  const learnt = { name: "<b>annas-phone", kind: "lease", from: "/etc/pihole/dhcp.leases" };
  const { devices } = await json<Usage>(app.request("/api/v1/usage"));
  expect(devices).toMatchObject([{ key: MAC, name: null, hostname: "<b>annas-phone", learnt }]);
  const { device } = await json<DeviceDetail>(app.request(`/api/v1/devices/${MAC}`));
  expect(device).toMatchObject({ hostname: "<b>annas-phone", learnt });
  expect(await (await app.request("/json")).text()).toContain("annas-phone");
  expect(await (await app.request("/metrics")).text()).toContain('name="<b>annas-phone"');
  const page = await (await app.request("/")).text();
  expect(page).toContain("&lt;b&gt;annas-phone");
  expect(page).not.toContain("<b>annas-phone");

  await app.request(`/api/v1/devices/${MAC}/name`, put({ name: "Anna" }));
  expect((await json<Usage>(app.request("/api/v1/usage"))).devices).toMatchObject([{ name: "Anna", learnt }]);
  const rows = await (await app.request("/json")).text();
  expect(rows).toContain("Anna");
  expect(rows).not.toContain("annas-phone");
});

test("a response of before is made anew once a name was learnt", async () => {
  let revision = 1;
  const learnt = { ...NOTHING_LEARNT, revision: () => revision };
  const app = testApp(await testDeps([{ ip: "192.168.1.5", mac: MAC }], { learnt }));
  for (const path of ["/api/v1/days?from=2021-04-01&to=2021-04-01", `/api/v1/devices/${MAC}`, "/json"]) {
    const etag = (await app.request(path)).headers.get("etag") ?? "";
    const again = () => app.request(path, { headers: { "if-none-match": etag } });
    expect((await again()).status).toBe(304);
    revision += 1;
    expect((await again()).status).toBe(200);
  }
});

test("where names are looked for is told, and changed", async () => {
  const learnt = learntNames();
  const app = testApp(await testDeps([], { learnt }));
  expect(await json(app.request("/api/v1/name-sources"))).toMatchObject({ files: { on: true }, pihole: { on: false } });
  const change = { pihole: { on: true, url: "http://192.168.1.2", password: "secret" } };
  const response = await app.request("/api/v1/name-sources", put(change));
  expect(response.status).toBe(200);
  expect(learnt.changes).toEqual([change]);
});

test.each([
  ["{", "bad-json", "The body is not JSON."],
  [{ pihole: { on: true } }, "bad-name-source", "Pi-hole needs an address, e.g. http://192.168.1.2."],
  [{ pihole: { url: "ftp://x" } }, "bad-name-source", "The address of Pi-hole must begin with http:// or https://"],
  [{ pihole: { on: "yes" } }, "bad-name-source", "pihole.on is not allowed."],
  [{ unifi: {} }, "bad-name-source", 'The body has a field "unifi", which is unknown.'],
  [null, "bad-name-source", "The body is not allowed."],
])("what can't be is refused with what is allowed: %j", async (body, code, message) => {
  const learnt = learntNames();
  const app = testApp(await testDeps([], { learnt }));
  const response = await app.request("/api/v1/name-sources", put(body));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { code, message: expect.stringContaining(message), hint: expect.any(String) },
  });
  expect(learnt.changes).toEqual([]);
});

test("no other page changes them", async () => {
  const learnt = learntNames();
  const app = testApp(await testDeps([], { learnt }));
  const response = await app.request(
    "/api/v1/name-sources",
    put({ mdns: { on: true } }, { origin: "http://evil.example.com" }),
  );
  expect(response.status).toBe(403);
  expect(learnt.changes).toEqual([]);
});
