import type { HouseholdBook } from "../household/book.ts";
import { keepPlan } from "../http/api/plan-subjects.ts";
import type { Plan } from "../shared/plan-api.ts";
import type { Store } from "../store/store.ts";

/** The gaming PC, and the tablet under both of the MACs that it made up. */
const KIDS = ["70:85:c2:10:20:04", "8a:30:d5:77:00:0a", "1a:94:0b:e6:00:10"];
/** 50 GB a week, from Monday on. */
const PLAN: Plan = {
  name: null,
  cycle: { unit: "week", count: 1, from: "2024-01-01" },
  allowance: 50e9,
  unit: 1000,
  counts: "both",
  free: [],
  except: { owners: [], devices: [] },
  overPrice: null,
  corrections: [],
};

/** Who is who in the demo's household: the kids, and what their parents agreed on with them. */
export async function fillPeople(
  store: Pick<Store, "recall" | "remember" | "devices">,
  household: Pick<HouseholdBook, "change">,
): Promise<void> {
  const known = (await store.devices()).map(({ key }) => key).filter((key) => KIDS.includes(key));
  const { owners } = await household.change([{ do: "add-owner", name: "Kids", colour: 5 }]);
  const [owner] = owners;
  if (owner === undefined || known.length === 0) return;
  await household.change([{ do: "hand-over", devices: known, owner, from: null }]);
  await keepPlan(store, { of: `owner:${owner}`, aliases: [] }, PLAN);
}
