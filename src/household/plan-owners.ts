/** Owners who don't count in the plans of a household's file. They are called by their names there: another machine has other ids. */
import type { HouseholdDocument } from "./document.ts";

type Owners = HouseholdDocument["owners"];

/** A plan as a file has it: names in the place of ids. One who was deleted is left out. */
export function withNames(plan: unknown, owners: Owners): unknown {
  return withOwners(plan, (id) => (typeof id === "number" ? (owners[id]?.name ?? null) : null));
}

/**
 * A plan of a file as the API has it, but with the places of owners among the file's, from 1 on, in the place of ids: those
 * are known when the file's owners are.
 * @param names of the file's owners, lower-case
 * @throws Error for a name that is not among them
 */
export function withPlaces(plan: unknown, names: readonly string[]): unknown {
  return withOwners(plan, (name) => {
    const place = typeof name === "string" ? names.indexOf(name.toLowerCase()) : -1;
    if (place === -1) throw new Error(`except.owners: ${JSON.stringify(name)?.slice(0, 40)} is not among the owners.`);
    return place + 1;
  });
}

/** A plan with ids in the place of places. @param owners those of the document that was made of the file */
export function withIds<Some extends { readonly except: { readonly owners: readonly number[] } }>(
  plan: Some,
  names: readonly string[],
  owners: Owners,
): Some {
  const ids = new Map(Object.entries(owners).map(([id, { name }]) => [name.toLowerCase(), Number(id)]));
  return {
    ...plan,
    except: { ...plan.except, owners: plan.except.owners.flatMap((place) => ids.get(names[place - 1] ?? "") ?? []) },
  };
}

/** A plan with each of its owners replaced; null leaves one out. What is no plan, or has no owners, stays as it is. */
function withOwners(plan: unknown, replace: (owner: unknown) => unknown): unknown {
  if (!isRecord(plan) || !isRecord(plan.except) || !Array.isArray(plan.except.owners)) return plan;
  const owners = plan.except.owners.map(replace).filter((owner) => owner !== null);
  return { ...plan, except: { ...plan.except, owners } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
