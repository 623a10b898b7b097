import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepPlan } from "../http/api/plan-subjects.ts";
import { changeSources, DEFAULT_SOURCES, keepSources, keptSources } from "../names/sources.ts";
import { createNameBook } from "../settings/maps.ts";
import type { AlertRules } from "../shared/alerts-api.ts";
import type { Plan } from "../shared/plan-api.ts";
import { takeLock } from "../store/file/lock.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { charge, charging, LAPTOP, PHONE } from "../store/testing/settlements.ts";
import { runCommand } from "./commands.ts";
import { createHousehold } from "./household.ts";
import { testIo } from "./testing.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "whitestat-household-file-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const PLAN: Plan = {
  name: "Fibre",
  cycle: { unit: "month", count: 1, from: "2026-01-15" },
  allowance: 500_000_000_000,
  unit: 1000,
  counts: "both",
  free: [],
  except: { owners: [], devices: [] },
  overPrice: null,
  corrections: [],
};

/** A data store of this name, and the command line on it. */
function machine(name: string) {
  const dir = join(root, name);
  mkdirSync(dir, { recursive: true });
  const path = join(dir, "WhiteStat.db");
  const names = createNameBook({
    ipMacFile: join(dir, "IP_MAC.txt"),
    macMacFile: join(dir, "MAC_MAC.txt"),
    macHostFile: join(dir, "MAC_HOST.txt"),
    archiveFile: join(dir, "ARCHIVED.txt"),
  });
  return {
    dir,
    path,
    async run(...args: string[]) {
      const [out, err]: [string[], string[]] = [[], []];
      const io = testIo(dir, {
        env: { PATH: process.env.PATH, DATA_STORE: dir, TZ: "UTC" },
        cwd: root,
        stdout: { write: (text) => out.push(text) },
        stderr: { write: (text) => err.push(text) },
      });
      const code = await runCommand(args, () => io, io);
      return { code, out: out.join(""), err: err.join("") };
    },
    /** With its household, as the product opens it. */
    async open() {
      await names.reloadIfChanged();
      const store = openSqliteStore({ path });
      const household = createHousehold({
        store,
        names,
        fileMerges: () => names.rewrites().macMac,
        calendar: { dayOf: () => "2026-01-31" },
        now: () => Date.UTC(2026, 0, 1),
        onChange: async () => {},
      });
      await household.load();
      return { store, household, names };
    },
  };
}

async function fill(one: ReturnType<typeof machine>): Promise<void> {
  const { store, household } = await one.open();
  await store.record(charging(charge(), charge({ mac: LAPTOP, ip: "192.168.1.21" })));
  await household.change([{ do: "add-owner", name: "<b>Anna</b>", colour: 4 }]);
  await household.change([{ do: "hand-over", devices: [PHONE], owner: 1, from: "2026-01-02" }]);
  await household.change([
    { do: "describe", devices: [PHONE], name: "Anna's phone", type: "phone", note: "two\nlines" },
    { do: "merge", device: PHONE, with: [LAPTOP] },
  ]);
  const except = { owners: [1], devices: [LAPTOP] };
  await keepPlan(store, { of: "line", aliases: [] }, { ...PLAN, except });
  await keepPlan(store, { of: "owner:1", aliases: [] }, { ...PLAN, name: null });
  await store.close();
}

test("a household goes to another machine by one readable file, and back to what was by an undo there", async () => {
  const [old, fresh] = [machine("old"), machine("fresh")];
  await fill(old);
  expect(await old.run("export", "--household", "home.json")).toMatchObject({
    code: 0,
    out: expect.stringContaining("has 1 owners and 1 devices"),
  });
  const file = join(root, "home.json");
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    whitestat: "household",
    owners: [{ name: "<b>Anna</b>", colour: 4 }],
    devices: [{ key: PHONE, name: "Anna's phone", type: "phone", interfaces: [LAPTOP] }],
    plan: { name: "Fibre", except: { owners: ["<b>Anna</b>"], devices: [LAPTOP] } },
    plans: [{ of: { owner: "<b>Anna</b>" }, plan: { name: null } }],
  });
  // It isn't replaced unless that is asked for.
  expect((await old.run("export", "--household", "home.json")).code).toBe(73);
  expect((await old.run("export", "--household", "home.json", "--force")).code).toBe(0);

  expect((await fresh.run("import", "--household", "home.json", "--dry-run")).out).toContain("dry run");
  expect(existsSync(fresh.path)).toBe(false);
  expect(await fresh.run("import", "--household", "home.json")).toMatchObject({ code: 0, err: "" });
  const { store, household, names } = await fresh.open();
  const before = await old.open();
  expect(household.document()).toEqual(before.household.document());
  await before.store.close();
  expect(names.nameOf(PHONE)).toBe("Anna's phone");
  expect(await store.recall("plan")).toEqual({
    line: { ...PLAN, except: { owners: [1], devices: [LAPTOP] } },
    others: { "owner:1": { ...PLAN, name: null } },
  });
  await store.close();
  expect((await fresh.run("import", "--household", "home.json")).out).toContain("Everything was so already.");

  const again = await fresh.open();
  await again.household.undo(again.household.changes()[0]?.id ?? 0);
  expect(again.household.document().owners).toEqual({});
  expect(again.names.nameOf(PHONE)).toBeNull();
  await again.store.close();
});

test("owners who don't count in a plan are the file's by name, whatever their number here", async () => {
  const [old, other] = [machine("old"), machine("other")];
  await fill(old);
  await old.run("export", "--household", "named.json");
  const here = await other.open();
  await here.household.change([{ do: "add-owner", name: "Ben", colour: 1 }]);
  await here.store.close();
  expect(await other.run("import", "--household", "named.json")).toMatchObject({ code: 0, err: "" });
  const { store, household } = await other.open();
  expect(household.document().owners).toMatchObject({ 2: { name: "<b>Anna</b>" } });
  expect(await store.recall("plan")).toMatchObject({
    line: { except: { owners: [2], devices: [LAPTOP] } },
    others: { "owner:2": { except: { owners: [], devices: [] } } },
  });
  await store.close();
});

const LIMIT = { device: null, bytes: 50_000_000_000, per: "day", counts: "both" } as const;
const RULES: AlertRules = {
  plan: { percents: [50], forecast: false },
  usage: [
    { ...LIMIT, owner: 1 },
    { ...LIMIT, device: LAPTOP },
  ],
  newDevice: null,
  unusual: false,
  silent: { minutes: 5 },
  missed: null,
  books: true,
  store: true,
};
const CHANNEL = { id: "a1", name: null, url: "ntfys://:tk_secret@ntfy.example.com/topic", enabled: true };
const PIHOLE = { on: true, url: "http://192.168.1.2" };
const ADGUARD = { on: false, url: "http://192.168.1.3:3000", user: "anna" };

async function fillBesides({ open }: ReturnType<typeof machine>): Promise<void> {
  const { store } = await open();
  await store.remember("alert-settings", {
    rules: RULES,
    quiet: { from: 23, to: 7 },
    channels: [CHANNEL],
    snoozed: [],
  });
  const change = { pihole: { ...PIHOLE, password: "secret" }, adguard: { ...ADGUARD, password: "secret" } };
  await keepSources(store, changeSources(DEFAULT_SOURCES, change));
  await store.close();
}

test("alert rules and name sources go along, without what is secret, which stays where it is", async () => {
  const [old, other] = [machine("old"), machine("other")];
  await fill(old);
  await fillBesides(old);
  expect((await old.run("export", "--household", "all.json")).out).toContain(
    "Passwords, tokens and the channels of alerts",
  );
  const text = readFileSync(join(root, "all.json"), "utf8");
  expect(text).not.toMatch(/secret|ntfy/);
  expect(JSON.parse(text)).toMatchObject({
    alerts: {
      rules: { ...RULES, usage: [{ ...LIMIT, owner: "<b>Anna</b>" }, RULES.usage[1]] },
      quiet: { from: 23, to: 7 },
    },
    nameSources: { files: { on: true }, mdns: { on: false }, pihole: PIHOLE, adguard: ADGUARD },
  });

  // Where Anna is another number, another channel is there, and the password of one of both sources is known.
  const here = await other.open();
  await here.household.change([{ do: "add-owner", name: "Ben", colour: 1 }]);
  const channel = { ...CHANNEL, url: "json://192.168.1.9/hook" };
  await here.store.remember("alert-settings", {
    rules: { ...RULES, usage: [] },
    quiet: null,
    channels: [channel],
    snoozed: [],
  });
  await keepSources(
    here.store,
    changeSources(DEFAULT_SOURCES, { pihole: { ...PIHOLE, password: "known" }, mdns: { on: true } }),
  );
  await here.store.close();
  expect((await other.run("import", "--household", "all.json", "--dry-run")).code).toBe(0);
  expect(await other.run("import", "--household", "all.json")).toMatchObject({ code: 0, err: "" });
  const { store } = await other.open();
  expect(await store.recall("alert-settings")).toEqual({
    rules: { ...RULES, usage: [{ ...LIMIT, owner: 2 }, RULES.usage[1]] },
    quiet: { from: 23, to: 7 },
    channels: [channel],
    snoozed: [],
  });
  expect(await keptSources(store)).toEqual({
    files: { on: true },
    mdns: { on: false },
    pihole: { ...PIHOLE, password: "known" },
    adguard: { ...ADGUARD, password: null },
  });
  await store.close();
  expect((await other.run("import", "--household", "all.json")).out).toContain("Everything was so already.");
  const quieter = { ...JSON.parse(text), alerts: { ...JSON.parse(text).alerts, quiet: null } };
  writeFileSync(join(root, "all.json"), JSON.stringify(quieter));
  expect((await other.run("import", "--household", "all.json")).out).toContain("The household was imported.");
});

test("a file that says nothing of alert rules and name sources leaves them as they are", async () => {
  const here = machine("here");
  await fill(here);
  await fillBesides(here);
  const { store } = await here.open();
  const before = [await store.recall("alert-settings"), await store.recall("name-sources")];
  await store.close();
  writeFileSync(join(root, "less.json"), JSON.stringify({ whitestat: "household", version: 1 }));
  expect(await here.run("import", "--household", "less.json")).toMatchObject({ code: 0, err: "" });
  const after = await here.open();
  expect([await after.store.recall("alert-settings"), await after.store.recall("name-sources")]).toEqual(before);
  await after.store.close();
});

test("a file with something wrong changes nothing, and says what and where", async () => {
  const here = machine("here");
  await fill(here);
  const file = join(root, "bad.json");
  const importIt = async (content: string) => {
    writeFileSync(file, content);
    return here.run("import", "--household", "bad.json");
  };
  const whole = { whitestat: "household", version: 1 };
  for (const [content, said] of [
    ["{", /it is no JSON/],
    ["[]", /the file: it is no object/],
    [
      JSON.stringify({ ...whole, devices: [{ key: "x" }, { key: PHONE, type: "y" }] }),
      /row 1: key: .*\n {2}- devices, row 2: type is one of/,
    ],
    [JSON.stringify({ ...whole, plan: { cycle: 5 } }), /plan: .*cycle/],
    [JSON.stringify({ ...whole, plan: { except: { owners: ["Zoe"] } } }), /plan: except.owners: "Zoe" is not among/],
    [JSON.stringify({ ...whole, plans: [{ of: { meter: "lte" }, plan: { cycle: 5 } }] }), /plan: .*cycle/],
    [
      JSON.stringify({ ...whole, alerts: { rules: { ...RULES, usage: [{ ...LIMIT, owner: "Zoe" }] } } }),
      /alerts: rules.usage: "Zoe" is not among/,
    ],
    [
      JSON.stringify({ ...whole, alerts: { rules: { ...RULES, usage: [], silent: { minutes: 0 } } } }),
      /alerts: rules.silent.minutes is/,
    ],
    [
      JSON.stringify({ ...whole, alerts: { rules: { ...RULES, usage: [] }, channels: [CHANNEL] } }),
      /alerts: the field "channels" is unknown/,
    ],
    [JSON.stringify({ ...whole, nameSources: { pihole: { on: true } } }), /nameSources: Pi-hole needs an address/],
    [JSON.stringify({ ...whole, nameSources: { dns: { on: true } } }), /nameSources: .*"dns"/],
    [`{"whitestat": "household", "version": 1, "owners": ${"[".repeat(50_000)}`, /it is no JSON/],
  ] as const) {
    const { code, err } = await importIt(content);
    expect(code).toBe(1);
    expect(err).toMatch(said);
    expect(err).toContain("Nothing was changed.");
    expect(err).not.toMatch(/^\s+at /m);
  }
  const { store, household, names } = await here.open();
  expect(household.document().merges).toEqual({ [LAPTOP]: PHONE });
  expect(names.nameOf(PHONE)).toBe("Anna's phone");
  await store.close();
});

test("WhiteStat must not be running, and what makes no sense together is refused", async () => {
  const here = machine("here");
  await fill(here);
  await here.run("export", "--household", "home.json");
  const lock = takeLock(here.path, { pid: 1, host: hostname(), since: 0 });
  expect((await here.run("import", "--household", "home.json")).code).not.toBe(0);
  lock.release();
  expect((await here.run("import", "--household", "home.json", "--from", "2026-01-01")).code).toBe(64);
  expect((await here.run("import", "some.db", "--household", "home.json")).code).toBe(64);
  expect((await here.run("export", "--household", "home.json", "--format", "csv")).code).toBe(64);
  expect((await here.run("import", "--household", "nowhere.json")).code).toBe(66);
  expect((await here.run("import", "--household")).code).toBe(64);
});
