import { expect, test } from "vitest";
import { createOwnStore, openOwnDatabase, readOwnStore, refusalOf } from "../../src/cli/own-store.ts";
import { DAY, viewOf } from "../../src/store/testing/settlements.ts";
import { clock as monotonic } from "../lib/clock.ts";
import { describeOnPostgres } from "./describe.ts";
import { expectTotal, settleUpTo } from "./harness.ts";

const clock = { ...monotonic, now: Date.now };

describeOnPostgres("the store that DATABASE_URL names", (cluster) => {
  const setUp = async () => {
    const settings = { databaseUrl: cluster().url(await cluster().createDatabase()), dbFile: "/nowhere/WhiteStat.db" };
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const log = { info: say, warn: say, error: say, trace: () => {}, close: () => {} };
    const own = () =>
      createOwnStore({
        settings,
        clock,
        log,
        problems: { raise: say },
        view: () => viewOf(),
        beforeOpen: async (path) => say(`a file was looked for: ${path}`),
      });
    return { settings, log, lines, own };
  };

  test("is this process's alone: a second instance waits, and goes on where the first one ended", async () => {
    const { settings, log, lines, own } = await setUp();
    const first = own();
    await settleUpTo(first, 1_000);
    const second = own();
    let ended: Promise<void> | null = null;
    const info = (line: string) => {
      log.info(line);
      ended = first.close();
    };
    const place = { settings, clock, log: { ...log, info } };
    expect(await refusalOf(second, place, new AbortController().signal)).toBeNull();
    await ended;
    expect(lines).toEqual([expect.stringMatching(/Waiting, in case that one has crashed\.$/)]);
    await settleUpTo(second, 3_000);
    await expectTotal(second, 3_000);
    await second.close();
  });

  test("is read while its owner goes on, and refuses to be changed by that; an import has it for itself", async () => {
    const { settings, own } = await setUp();
    const owner = own();
    await settleUpTo(owner, 1_000);
    await owner.checkpoint();
    const reader = await readOwnStore(settings);
    await settleUpTo(owner, 3_000);
    await owner.checkpoint();
    expect(await reader.deviceDays(DAY, DAY)).toMatchObject([{ in: 1_000 }]);
    await expect(reader.remember("mine", 1)).rejects.toMatchObject({ code: "read-only" });
    await reader.close();
    const take = () => openOwnDatabase(settings.databaseUrl, clock, () => viewOf());
    await expect(take()).rejects.toMatchObject({ code: "busy" });
    await owner.close();
    const taken = await take();
    await expectTotal(taken, 3_000);
    await taken.close();
  });
});
