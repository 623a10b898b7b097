import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePrefix } from "../accounting/address.ts";
import { RULES } from "./rules.ts";
import { codeOf, house, NOON, testDeps } from "./testing.ts";

/** What programs send, by their manuals and what is known of them, with what stands for the token. None was recorded. */
const { requests: REQUESTS } = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/access/requests.json"), "utf8"),
) as { requests: Record<string, { query?: string; headers: Record<string, string> }> };
const USES = [{ ip: "192.168.1.5", mac: "02:1a:2b:00:00:05", hostname: "annas-phone" }];
const FEEDS = Object.entries(RULES).flatMap(([name, { feed }]) => (feed ? [name.replace("GET ", "")] : []));

async function withTokens() {
  const home = await house("password", { deps: await testDeps(USES) });
  const person = await home.signIn();
  const [read, write] = [await home.token(person, "read"), await home.token(person, "write")];
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  return { ...home, person, read, write, bearer };
}

/** A request of a program, with a token in it. */
function requestOf(program: string, token: string) {
  const { query = "", headers } = REQUESTS[program] ?? { headers: {} };
  const basic = (user: string) => Buffer.from(`${user}:${token}`).toString("base64");
  const filled = (text: string) =>
    text.replace("{token}", token).replace("{basic}", basic("excel")).replace("{basic-without-a-user}", basic(""));
  const sent = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), filled(value)]);
  return { query: filled(query), headers: Object.fromEntries(sent) as Record<string, string> };
}

describe("what programs send by what is known of them", () => {
  const OWN: Record<string, string> = {
    prometheus: "/metrics",
    "home-assistant-rest": "/api/v1/usage",
    "google-sheets": "/table/history?start=2021-04-01&end=2021-04-01",
    "excel-web-query": "/table",
  };

  test.each(Object.keys(REQUESTS).filter((name) => name !== "power-query-anonymous"))("%s reads", async (program) => {
    const { get, read } = await withTokens();
    for (const path of OWN[program] ? [OWN[program]] : FEEDS) {
      const { query, headers } = requestOf(program, read);
      const response = await get(`${path}${query && (path.includes("?") ? "&" : "?")}${query}`, "", headers);
      expect([path, response.status]).toEqual([path, 200]);
      if (/^\/(json|table)/.test(path)) expect(await response.text()).toContain("annas-phone");
    }
  });

  test("Power Query and old Excel are asked for a name and a password; no browser is, on no route", async () => {
    const { get, app } = await withTokens();
    for (const program of ["power-query-anonymous", "excel-web-query"]) {
      const { headers } = requestOf(program, "");
      for (const path of FEEDS) {
        const response = await get(path, "", headers);
        expect([response.status, response.headers.get("www-authenticate")]).toEqual([
          401,
          'Basic realm="WhiteStat", charset="UTF-8"',
        ]);
      }
    }
    const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    for (const { method, path } of app.routes) {
      if (method !== "GET") continue;
      const response = await get(path, "", { "user-agent": agent });
      expect(response.headers.get("www-authenticate") ?? "Bearer").toMatch(/^Bearer/);
    }
  });

  test("HEAD is answered as GET is, without a body", async () => {
    const { app, read } = await withTokens();
    for (const program of ["power-query-anonymous", "power-query-basic-without-a-user"]) {
      const { headers } = requestOf(program, read);
      for (const path of FEEDS) {
        const [got, head] = await Promise.all(["GET", "HEAD"].map((method) => app.request(path, { method, headers })));
        const kept = ["content-type", "www-authenticate", "content-disposition", "content-encoding", "etag"];
        const of = (response: Response | undefined) => [
          path,
          response?.status,
          ...kept.map((name) => response?.headers.get(name)),
        ];
        expect(of(head)).toEqual(of(got));
        expect(await head?.text()).toBe("");
      }
    }
  });

  test("Office's OPTIONS before it opens an address is told what there is, and a stranger's not even that", async () => {
    const { app, read } = await withTokens();
    const agents = ["Microsoft Office Protocol Discovery", "Microsoft Office Existence Discovery"];
    for (const path of FEEDS) {
      for (const agent of agents) {
        const ask = (more: Record<string, string>) =>
          app.request(path, { method: "OPTIONS", headers: { "user-agent": agent, ...more } });
        const known = await ask(requestOf("power-query-basic", read).headers);
        expect([path, known.status, known.headers.get("allow")]).toEqual([path, 405, "GET, HEAD"]);
        const stranger = await ask({});
        expect([path, stranger.status, stranger.headers.get("allow")]).toEqual([path, 401, null]);
      }
    }
  });

  test("who has the answer isn't sent it again, and a date says nothing: answers have none", async () => {
    const { get, read } = await withTokens();
    const { headers } = requestOf("power-query-basic", read);
    for (const path of ["/json", "/table", "/json/history", "/table/history", "/api/v1/days"]) {
      const first = await get(path, "", headers);
      expect([path, first.headers.get("last-modified")]).toEqual([path, null]);
      const tag = first.headers.get("etag") ?? "";
      expect([path, (await get(path, "", { ...headers, "if-none-match": tag })).status]).toEqual([
        path,
        tag ? 304 : 200,
      ]);
      const dated = { ...headers, "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" };
      expect([path, (await get(path, "", dated)).status]).toEqual([path, 200]);
      // A tag is no key.
      const stranger = { ...requestOf("power-query-anonymous", "").headers, "if-none-match": tag };
      expect([path, (await get(path, "", stranger)).status]).toEqual([path, 401]);
    }
  });

  test("headers of OData change no answer, and there is no OData to be found", async () => {
    const { get, read } = await withTokens();
    const { headers } = requestOf("power-query-odata", read);
    for (const path of ["/json", "/api/v1/usage", "/api/v1/days"]) {
      const response = await get(path, "", headers);
      expect([path, response.status, response.headers.get("content-type")]).toEqual([
        path,
        200,
        expect.stringMatching(/^application\/json/),
      ]);
      expect([path, response.headers.get("odata-version"), response.headers.get("preference-applied")]).toEqual([
        path,
        null,
        null,
      ]);
    }
    for (const path of ["/json/$metadata", "/$metadata", "/api/v1/$metadata"]) {
      const response = await get(path, "", headers);
      expect([path, response.status, await codeOf(response)]).toEqual([path, 404, "not-found"]);
    }
    // Instead of one row for all that is answered, what isn't known in the address is said.
    const asked = await get("/api/v1/usage?$top=1000", "", headers);
    expect([asked.status, await codeOf(asked)]).toEqual([400, "bad-request"]);
  });

  test("a wrong key is refused as one, wherever it stands", async () => {
    const { get } = await withTokens();
    for (const program of ["power-query-basic", "power-query-web-api-key", "power-query-bearer", "excel-web-query"]) {
      const { query, headers } = requestOf(program, `wst_${"A".repeat(43)}`);
      const response = await get(`/json${query && "?"}${query}`, "", headers);
      expect([program, response.status, await codeOf(response)]).toEqual([program, 401, "bad-token"]);
    }
  });

  test("the household's password is no token", async () => {
    const { get } = await withTokens();
    const basic = Buffer.from("excel:correct horse battery staple").toString("base64");
    expect((await get("/json", "", { authorization: `Basic ${basic}` })).status).toBe(401);
  });
});

describe("a token", () => {
  test("that reads changes nothing; one that writes decides nothing about who may come in", async () => {
    const { send, bearer, read, write, app } = await withTokens();
    const rename = (token: string) => send("/devices/02:1a:2b:00:00:05/name", { name: "Phone" }, "", bearer(token));
    const refused = await rename(read);
    expect([refused.status, await codeOf(refused)]).toEqual([403, "not-allowed"]);
    expect((await rename(write)).status).toBe(200);
    for (const { method, path } of app.routes) {
      if (RULES[`${method} ${path}`]?.need !== "manage") continue;
      const response = await app.request(path.replace(":key", "1"), {
        method,
        headers: { ...bearer(write), "content-type": "application/json" },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
      expect([path, response.status, await codeOf(response)]).toEqual([path, 403, "not-allowed"]);
    }
  });

  test("stands in the address of feeds alone", async () => {
    const { get, read, app } = await withTokens();
    for (const { method, path } of app.routes) {
      const { need, feed } = RULES[`${method} ${path}`] ?? {};
      if (method !== "GET" || feed || need === "public") continue;
      expect([path, (await get(`${path}?token=${read}`)).status]).toEqual([path, 401]);
    }
  });

  test("in an address is in no answer, redirect or line of a log, and mistaken for no parameter", async () => {
    const said: string[] = [];
    const deps = await testDeps(USES);
    const store = Object.create(deps.store, {
      revision: { value: () => Promise.reject(new Error("the disk is gone")) },
    }) as typeof deps.store;
    const { get, token, signIn } = await house("password", {
      deps: { ...deps, store, onError: (_, path) => said.push(path) },
    });
    const secret = await token(await signIn(), "read");
    for (const path of ["/json", "/json?start=x&", "/api/v1/usage?from=x&", "/api/v1/usage?form=1&", "/api/v1/days?"]) {
      const response = await get(`${path}${path.includes("?") ? "" : "?"}token=${secret}`);
      const headers = JSON.stringify([...response.headers]);
      expect(`${headers}${await response.text()}`).not.toMatch(/wst_|"token"/);
    }
    expect(said.length).toBeGreaterThan(0);
    expect(said.join()).not.toContain("wst_");
  });

  test("says when it was used last, and is refused from the moment on at which it is revoked", async () => {
    const { get, send, read, bearer, person, access } = await withTokens();
    const list = async () =>
      (
        (await (await get("/api/v1/access/tokens", person)).json()) as {
          tokens: { id: string; usedAt: number | null }[];
        }
      ).tokens;
    expect((await list()).map(({ usedAt }) => usedAt)).toEqual([null, null]);
    const stream = (await get("/api/v1/events", "", bearer(read))).body?.getReader();
    await stream?.read();
    const [one] = await list();
    expect(one?.usedAt).toBe(NOON);
    expect((await send(`/access/tokens/${one?.id}/revoke`, {}, person)).status).toBe(200);
    expect((await stream?.read())?.done).toBe(true);
    expect((await get("/json", "", bearer(read))).status).toBe(401);
    expect((await send(`/access/tokens/${one?.id}/revoke`, {}, person)).status).toBe(404);
    const kept = JSON.stringify(await (await access.keys()).tokens());
    expect(kept).not.toContain(read);
  });

  test("isn't made while AUTH is open, and has a name and a scope", async () => {
    const open = await house("open");
    const response = await open.send("/access/tokens", { name: "x", scope: "read" });
    expect([response.status, await codeOf(response)]).toEqual([409, "sign-in-off"]);
    const { send, person } = await withTokens();
    for (const body of [
      { name: "x" },
      { name: "", scope: "read" },
      { name: "\u202e", scope: "read" },
      { name: "x", scope: "hub" },
    ]) {
      expect((await send("/access/tokens", body, person)).status).toBe(400);
    }
  });

  test("works beside a proxy that signs people in, and goes before what the proxy itself was sent", async () => {
    const deps = {
      ...(await testDeps(USES)),
      trustedProxies: [parsePrefix("127.0.0.1")].filter((one) => one !== null),
    };
    const { access, get } = await house("proxy", { deps });
    const secret = await access.addToken("Prometheus", "read");
    expect((await get("/metrics", "", { authorization: `Bearer ${secret}` }, "192.168.1.9")).status).toBe(200);
    const basic = {
      authorization: `Basic ${Buffer.from("anna:of the proxy").toString("base64")}`,
      "remote-user": "anna",
    };
    expect((await get("/json", "", basic)).status).toBe(200);
  });
});
