import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createNameBook } from "../settings/maps.ts";
import type { Step } from "../shared/household-api.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { temporaryFolder } from "../store/testing/settlements.ts";
import { type BookDeps, createHouseholdBook, type HouseholdBook } from "./book.ts";
import { isNotSame } from "./document.ts";
import { mergesOf, routersOf } from "./merges.ts";

const [PHONE, LAPTOP, TV] = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"];
const DAY_MS = 86_400_000;

/** A place with a real store and real map files; each process of the product opens a book of its own on them. */
function place() {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const files = {
    ipMacFile: folder.file("IP_MAC.txt"),
    macMacFile: folder.file("MAC_MAC.txt"),
    macHostFile: folder.file("MAC_HOST.txt"),
    archiveFile: folder.file("ARCHIVED.txt"),
  };
  return {
    names: () => {
      try {
        return readFileSync(files.macHostFile, "utf8");
      } catch {
        return "";
      }
    },
    /** @param cut what ends the process, as a thrown error that nobody catches would */
    async start(more: Partial<BookDeps> = {}, now = 1_000_000_000) {
      const store = openSqliteStore({ path: folder.file("test.db") });
      const nameBook = createNameBook(files);
      await nameBook.reloadIfChanged();
      const restored: number[] = [];
      const calls = { changes: 0, restored };
      const book: HouseholdBook = createHouseholdBook({
        memory: store,
        names: nameBook,
        devices: async () => {
          const all = [PHONE, LAPTOP, TV];
          const merges = mergesOf(book.document(), new Map());
          return all
            .filter((one) => !merges.has(one))
            .map((key) => ({
              key,
              hostname: null,
              interfaces: [key, ...all.filter((one) => merges.get(one) === key)],
            }));
        },
        fileMerges: () => new Map(),
        now: () => now,
        onChange: async () => {
          calls.changes += 1;
        },
        remove: async () => "Removed 1 day",
        restore: async (id) => restored.push(id) > 0 && id !== 99,
        ...more,
      });
      await book.load();
      return { book, calls, nameOf: nameBook.nameOf, store, stop: () => store.close() };
    },
  };
}

const merge: Step = { do: "merge", device: PHONE, with: [LAPTOP] };

let here: ReturnType<typeof place>;
beforeEach(() => {
  here = place();
});

test("a change is answered once it is durable, and is undone after a restart", async () => {
  const first = await here.start();
  await first.book.change([{ do: "add-owner", name: "Anna" }]);
  await first.book.change([{ do: "hand-over", devices: [LAPTOP], owner: 1, from: null }]);
  await first.book.change([{ do: "describe", devices: [LAPTOP], name: "Anna's laptop", note: "old" }]);
  const before = first.book.document();
  const { change } = await first.book.change([merge]);
  expect(change).toMatchObject({ kind: "merge", text: `Merged 1 device into ${PHONE}`, undone: false });
  expect(first.calls.changes).toBe(4);
  expect(first.book.document()).toMatchObject({ merges: { [LAPTOP]: PHONE }, hands: { [PHONE]: [{ owner: 1 }] } });
  // The device took the name that it lacked.
  expect(first.nameOf(PHONE)).toBe("Anna's laptop");
  await first.stop();

  const second = await here.start();
  expect(second.book.changes()[0]).toEqual(change);
  expect(await second.book.undo(change?.id ?? 0)).toMatchObject({ id: change?.id, undone: true });
  expect(second.book.document()).toEqual(before);
  expect(second.nameOf(PHONE)).toBeNull();
  expect(here.names()).toContain(`${LAPTOP}|Anna's laptop`);
  await expect(second.book.undo(change?.id ?? 0)).rejects.toMatchObject({ code: "overtaken" });
  await expect(second.book.undo(99)).rejects.toMatchObject({ code: "unknown-change" });
  await second.stop();
});

test("a merge says so where days of one owner become another's, and nothing of owners else", async () => {
  const { book, stop } = await here.start();
  await book.change([
    { do: "add-owner", name: "Anna" },
    { do: "add-owner", name: "Ben" },
  ]);
  const give = (key: string, owner: number, from: string | null = null): Step => {
    return { do: "hand-over", devices: [key], owner, from };
  };
  const said = async (...given: Step[]) => {
    await book.change(given);
    const { change } = await book.change([merge]);
    await book.undo(change?.id ?? 0);
    return change?.text;
  };
  const plain = `Merged 1 device into ${PHONE}`;
  const taken = `${plain}; all of it counts for the owner of ${PHONE}`;
  expect(await said(give(LAPTOP, 1))).toBe(plain);
  expect(await said(give(PHONE, 1))).toBe(plain);
  expect(await said(give(PHONE, 2))).toBe(taken);
  expect(await said(give(PHONE, 1), give(LAPTOP, 2, "2026-03-01"))).toBe(taken);
  await stop();
});

test("what becomes whose is said as one says it, whatever the name ends in", async () => {
  const { book, stop } = await here.start();
  await book.change([
    { do: "add-owner", name: "Anna" },
    { do: "add-owner", name: "Kids" },
  ]);
  const said = async (step: Step) => (await book.change([step])).change?.text;
  const give = (owner: number | null, from: string | null): Step => ({
    do: "hand-over",
    devices: [PHONE],
    owner,
    from,
  });
  expect(await said(give(1, null))).toBe(`${PHONE} is Anna's`);
  expect(await said(give(2, "2026-03-01"))).toBe(`${PHONE} is Kids' from 2026-03-01 on`);
  expect(await said(give(null, "2026-03-02"))).toBe(`${PHONE} is nobody's from 2026-03-02 on`);
  expect(await said({ do: "edit-owner", owner: 2, colour: 5 })).toBe("Changed Kids' colour");
  await stop();
});

test("what is so already is no change, and what is refused changes nothing", async () => {
  const { book, calls, stop } = await here.start();
  expect(await book.change([{ do: "describe", devices: [TV], hidden: false }])).toEqual({ change: null, owners: [] });
  const steps: Step[] = [
    { do: "describe", devices: [TV], name: "TV" },
    { do: "describe", devices: ["02:00:00:00:00:99"], hidden: true },
  ];
  await expect(book.change(steps)).rejects.toMatchObject({ code: "unknown-device" });
  await expect(book.change([])).rejects.toMatchObject({ code: "bad-change" });
  expect(here.names()).toBe("");
  expect([book.changes(), calls.changes]).toEqual([[], 0]);
  await stop();
});

test("changes are kept for seven days, and changes that came together are taken one after the other", async () => {
  const first = await here.start();
  await Promise.all(["Anna", "Ben", "Mia"].map((name) => first.book.change([{ do: "add-owner", name }])));
  expect(Object.keys(first.book.document().owners)).toEqual(["1", "2", "3"]);
  expect(first.book.changes().map(({ text }) => text)).toEqual(["Added Mia", "Added Ben", "Added Anna"]);
  await first.stop();
  const later = await here.start({}, 1_000_000_000 + 7 * DAY_MS);
  expect(later.book.changes()).toEqual([]);
  await later.book.change([{ do: "delete-owner", owner: 3 }]);
  // The id is never another's.
  expect((await later.book.change([{ do: "add-owner", name: "Mia" }])).owners).toEqual([4]);
  expect(later.book.changes().map(({ id }) => id)).toEqual([5, 4]);
  await later.stop();
});

describe("between the document and the file of names", () => {
  const naming: Step[] = [merge, { do: "describe", devices: [PHONE], name: "Anna's phone" }];

  test("a name that can't be written leaves all as it was", async () => {
    const full = Object.assign(new Error("no room"), { code: "ENOSPC" });
    const first = await here.start({ names: { nameOf: () => null, rename: () => Promise.reject(full) } });
    await expect(first.book.change(naming)).rejects.toBe(full);
    expect(first.book.document().merges).toEqual({});
    expect(first.book.changes()).toEqual([]);
    await first.stop();
    const second = await here.start();
    expect(second.book.document().merges).toEqual({});
    expect(second.nameOf(PHONE)).toBeNull();
    await second.stop();
  });

  test("a process that ends there has its names written by the next one", async () => {
    const never = new Promise<void>(() => {});
    const reached = Promise.withResolvers<void>();
    const first = await here.start({
      names: {
        nameOf: () => null,
        rename: () => {
          reached.resolve();
          return never;
        },
      },
    });
    void first.book.change(naming);
    await reached.promise;
    await first.stop();
    expect(here.names()).toBe("");

    const second = await here.start();
    expect(second.book.document().merges).toEqual({ [LAPTOP]: PHONE });
    expect(second.nameOf(PHONE)).toBe("Anna's phone");
    expect(here.names()).toContain(`${PHONE}|Anna's phone`);
    await second.book.undo(1);
    expect(second.nameOf(PHONE)).toBeNull();
    await second.stop();
    // Once written, a name that somebody takes back in the file stays back.
    const third = await here.start();
    expect(third.nameOf(PHONE)).toBeNull();
    await third.stop();
  });

  test("a name that somebody edits before the next start is his", async () => {
    const never = new Promise<void>(() => {});
    const reached = Promise.withResolvers<void>();
    const first = await here.start({
      names: {
        nameOf: () => null,
        rename: () => {
          reached.resolve();
          return never;
        },
      },
    });
    void first.book.change(naming);
    await reached.promise;
    await first.stop();
    const { book, stop, nameOf } = await here.start({}, 1);
    await book.change([{ do: "describe", devices: [PHONE], name: "Somebody's" }]);
    await stop();
    const second = await here.start();
    expect(nameOf(PHONE)).toBe("Somebody's");
    expect(second.nameOf(PHONE)).toBe("Somebody's");
    await second.stop();
  });
});

describe("a removal", () => {
  const removal: Step = { do: "remove", device: PHONE, from: "2026-01-01", to: "2026-01-01", bytes: 5 };

  test("goes by the id of its change, is alone in it, and is undone by the store", async () => {
    const { book, calls, stop } = await here.start();
    await expect(book.change([removal, merge])).rejects.toMatchObject({ code: "bad-change" });
    const { change } = await book.change([removal]);
    expect(change).toMatchObject({ id: 1, kind: "remove", text: "Removed 1 day" });
    expect(await book.undo(1)).toMatchObject({ undone: true });
    expect(calls.restored).toEqual([1]);
    await stop();
  });

  test("that fails is no change, and its id is not used again", async () => {
    const { book, stop } = await here.start({ remove: () => Promise.reject(new Error("no")) });
    await expect(book.change([removal])).rejects.toThrow("no");
    expect(book.changes()).toEqual([]);
    expect((await book.change([merge])).change?.id).toBe(2);
    await stop();
  });

  test("is undone for as long as its figures are kept, when its change is long forgotten", async () => {
    const { book, calls, stop } = await here.start();
    expect(await book.undo(77)).toMatchObject({ id: 77, kind: "remove", undone: true });
    expect(calls.restored).toEqual([77]);
    await stop();
  });
});

test("a whole household takes the place of the present one, and that is undone as well", async () => {
  const { book, nameOf, stop } = await here.start();
  await book.change([{ do: "add-owner", name: "Anna" }, merge]);
  const before = book.document();
  const owners = { "7": { name: "Ben", colour: 2 } };
  const change = await book.replace(
    () => ({ ...before, owners, merges: {} }),
    new Map([[TV, "TV"]]),
    "Imported x.json",
  );
  expect(book.document()).toMatchObject({ owners, merges: {} });
  expect(nameOf(TV)).toBe("TV");
  expect(await book.replace((present) => present, new Map([[TV, "TV"]]), "again")).toBeNull();
  expect((await book.change([{ do: "add-owner", name: "Mia" }])).owners).toEqual([8]);
  await expect(book.undo(change?.id ?? 0)).resolves.toMatchObject({ undone: true });
  expect(book.document()).toMatchObject({ merges: before.merges, owners: { "1": { name: "Anna" } } });
  expect(nameOf(TV)).toBeNull();
  await stop();
});

test("pairs told apart are found whichever is named first, and what is said of routers goes before the settings", async () => {
  const { book, stop } = await here.start();
  await book.change([{ do: "not-same", devices: [TV, PHONE] }]);
  expect(isNotSame(book.document(), PHONE, TV)).toBe(true);
  expect(isNotSame(book.document(), TV, PHONE)).toBe(true);
  expect(isNotSame(book.document(), TV, LAPTOP)).toBe(false);
  await book.change([
    { do: "router", mac: "02-00-00-00-00-01", router: false },
    { do: "router", mac: LAPTOP, router: true },
  ]);
  const settings = { auto: true, macs: [PHONE, TV], none: [LAPTOP] };
  expect(routersOf(book.document(), settings)).toEqual({ auto: true, macs: [TV, LAPTOP], none: [PHONE] });
  await stop();
});
