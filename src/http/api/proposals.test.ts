import { expect, test } from "vitest";
import { addDays, daysFromTo } from "../../shared/calendar-days.ts";
import type { Household } from "../../shared/household-api.ts";
import type { Proposals } from "../../shared/proposals-api.ts";
import type { LearntName } from "../learnt-names.ts";
import { NOTHING_LEARNT, testApp, testDeps, type Use } from "../testing.ts";

const TODAY = "2021-04-01";
const [OLD, NEW, TV] = ["a6:11:42:9c:00:03", "6e:3b:90:d1:00:0e", "04:5d:4b:10:20:01"];

/** Used on all days from so many days ago to so many, in an hour. */
function uses(mac: string, from: number, to: number, some: Partial<Use> = {}): Use[] {
  return daysFromTo(addDays(TODAY, -from), addDays(TODAY, -to)).map((day) => ({
    ip: `192.168.1.${Number.parseInt(mac.slice(-2), 16)}`,
    mac,
    day,
    ...some,
  }));
}

async function household(some: readonly Use[]) {
  const called = (name: string): LearntName[] => [{ kind: "lease", name, from: "/leases" }];
  const names = new Map([
    [OLD, called("annas-iphone")],
    [NEW, called("Annas-iPhone.lan")],
    [TV, called("tv-room")],
  ]);
  const learnt = { ...NOTHING_LEARNT, namesOf: (key: string) => names.get(key) ?? [] };
  const app = testApp(await testDeps([...some, ...uses(TV, 40, 0)], { learnt }));
  const json = async <T>(path: string, body?: unknown): Promise<T> => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await app.request(`/api/v1/${path}`, body === undefined ? {} : init);
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  };
  return { json, proposals: async () => (await json<Proposals>("proposals")).proposals };
}

test("a device that made up another MAC is proposed with what speaks for it, and merging it takes one step", async () => {
  const { json, proposals } = await household([...uses(OLD, 60, 22), ...uses(NEW, 21, 0)]);
  const [proposal, ...others] = await proposals();
  expect(others).toEqual([]);
  expect(proposal).toMatchObject({
    devices: [{ key: OLD }, { key: NEW }],
    name: "Annas-iPhone.lan",
    kinds: ["lease"],
    evidence: [
      'Both call themselves "Annas-iPhone.lan" (DHCP)',
      `${OLD} was last active on 2021-03-10, ${NEW} first on 2021-03-11`,
      "They were never active at the same time",
      "The later MAC was made up by the device itself (private)",
    ],
  });
  const { change } = await json<{ change: { id: number } }>("household/changes", { steps: proposal?.steps.merge });
  expect(await proposals()).toEqual([]);
  await json(`household/changes/${change.id}/undo`, {});
  expect(await proposals()).toHaveLength(1);
});

test("what a person says is not the same is never proposed again", async () => {
  const { json, proposals } = await household([...uses(OLD, 60, 22), ...uses(NEW, 21, 0)]);
  await json("household/changes", { steps: (await proposals())[0]?.steps.notSame });
  expect(await proposals()).toEqual([]);
  expect((await json<Household>("household")).notSame).toEqual([[NEW, OLD].sort()]);
});

test("on the day that both were active the hours decide", async () => {
  const onTheDay = (oldHour: number, newHour: number) =>
    household([
      ...uses(OLD, 40, 10),
      ...uses(OLD, 9, 9, { hour: oldHour }),
      ...uses(NEW, 9, 9, { hour: newHour }),
      ...uses(NEW, 8, 0),
    ]);
  expect(await (await onTheDay(10, 10)).proposals()).toHaveLength(1);
  expect(await (await onTheDay(11, 10)).proposals()).toEqual([]);
});

test("what a device is sent when it is gone is not its own doing", async () => {
  const late = uses(OLD, 21, 17, { in: 400, out: 0 });
  const { proposals } = await household([...uses(OLD, 60, 22), ...late, ...uses(NEW, 21, 0)]);
  expect(await proposals()).toHaveLength(1);
});
