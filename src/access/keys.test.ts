import { expect, test } from "vitest";
import { createAudit, MAX_ENTRIES } from "./audit.ts";
import { LINK_PREFIX, loadKeys, MAX_SESSIONS, MAX_TOKENS, TOKEN_PREFIX } from "./keys.ts";

const HOUR = 3_600_000;
const WHO = { name: "Firefox", address: "192.168.1.20", password: "salt" };

/** A memory that can be full, and a clock. */
function world() {
  const kept = new Map<string, string>();
  let at = 1_000_000_000_000;
  const it = {
    isFull: false,
    writes: 0,
    pass(ms: number) {
      at += ms;
    },
    now: () => at,
    text: () => [...kept.values()].join(),
    memory: {
      async recall<T>(name: string): Promise<T | null> {
        const text = kept.get(name);
        return text === undefined ? null : (JSON.parse(text) as T);
      },
      async remember(name: string, value: unknown) {
        if (it.isFull) throw new Error("the disk is full");
        it.writes += 1;
        kept.set(name, JSON.stringify(value));
      },
    },
  };
  let n = 0;
  const unique = (count: number) => {
    n += 1;
    return Uint8Array.from({ length: count }, (_, index) => (n >> (8 * (index % 4))) % 256);
  };
  return { ...it, it, load: () => loadKeys(it.memory, unique, it.now) };
}

test("secrets are found again after a restart, and nowhere in what is kept", async () => {
  const { load, text } = world();
  const keys = await load();
  const session = await keys.addSession(WHO);
  const token = await keys.addToken("Excel", "read");
  const link = await keys.addLink({ name: "Tablet", owner: 1, expiresAt: null });
  expect([token.startsWith(TOKEN_PREFIX), link.startsWith(LINK_PREFIX)]).toEqual([true, true]);
  const again = await load();
  expect(again.instance).toBe(keys.instance);
  expect(again.find(session)).toMatchObject({ name: "Firefox", password: "salt" });
  expect(again.find(token)).toMatchObject({ name: "Excel", scope: "read" });
  expect(again.find(link)).toMatchObject({ name: "Tablet", owner: 1 });
  for (const secret of [session, token, link]) expect(text()).not.toContain(secret.slice(4));
  expect(again.find("")).toBeNull();
});

test("a full disk lets people sign in until the next start, makes no token, and ends sessions all the same", async () => {
  const { it, load } = world();
  const keys = await load();
  const old = await keys.addSession(WHO);
  it.isFull = true;
  const fresh = await keys.addSession(WHO);
  expect(keys.find(fresh)).not.toBeNull();
  await expect(keys.addToken("Excel", "read")).rejects.toThrow("full");
  expect(keys.tokens()).toEqual([]);
  const id = keys.sessions().find((session) => session === keys.find(old))?.id;
  await expect(keys.endSessions((session) => session.id === id)).rejects.toThrow("full");
  expect(keys.find(old)).toBeNull();
  it.isFull = false;
  await keys.keep();
  const again = await load();
  expect([again.find(old), again.find(fresh)?.name]).toEqual([null, "Firefox"]);
});

test("of more sessions than there may be, the one that wasn't used for longest ends; tokens are refused", async () => {
  const { load, pass } = world();
  const keys = await load();
  const secrets: string[] = [];
  for (let n = 0; n <= MAX_SESSIONS; n += 1) {
    pass(1_000);
    secrets.push(await keys.addSession(WHO));
  }
  expect(keys.find(secrets[0] ?? "")).toBeNull();
  expect(keys.find(secrets[1] ?? "")).not.toBeNull();
  for (let n = 0; n < MAX_TOKENS; n += 1) await keys.addToken(`${n}`, "read");
  await expect(keys.addToken("one more", "read")).rejects.toMatchObject({ code: "too-many-access" });
});

test("last uses are written hourly for a token, and nothing is while nobody comes", async () => {
  const { it, load, pass } = world();
  await (await load()).keep();
  expect(it.writes).toBe(0);
  const keys = await load();
  const secret = await keys.addToken("Excel", "read");
  const token = keys.find(secret);
  it.writes = 0;
  for (let minute = 0; minute < 600; minute += 1) {
    pass(60_000);
    if (token !== null) keys.touch(token, "192.168.1.9");
    await keys.keep();
  }
  expect(it.writes).toBeGreaterThan(8);
  expect(it.writes).toBeLessThanOrEqual(10 + 1);
  const [again] = (await load()).tokens();
  expect(it.now() - (again?.usedAt ?? 0)).toBeLessThan(HOUR);
});

test("the audit list keeps the latest, of 400 days, and spares the disk", async () => {
  const { it, pass } = world();
  const audit = createAudit(it.memory, it.now);
  const by = { kind: "anybody", name: "192.168.1.9" } as const;
  await audit.add(by, "The first");
  pass(401 * 24 * HOUR);
  for (let n = 0; n < MAX_ENTRIES + 100; n += 1) {
    pass(100);
    await audit.add(by, `Change ${n}`);
  }
  const list = await audit.list();
  expect(list).toHaveLength(MAX_ENTRIES);
  expect(list[0]?.what).toBe(`Change ${MAX_ENTRIES + 99}`);
  // A minute of ten changes a second.
  expect(it.writes).toBeLessThanOrEqual(8);
  await audit.keep();
  expect(await createAudit(it.memory, it.now).list()).toEqual(list);
  it.isFull = true;
  pass(HOUR);
  await audit.add(by, "While the disk is full");
  it.isFull = false;
  await audit.keep();
  expect((await createAudit(it.memory, it.now).list())[0]?.what).toBe("While the disk is full");
  await audit.add(by, "x".repeat(10_000));
  expect((await audit.list())[0]?.what).toHaveLength(300);
});
