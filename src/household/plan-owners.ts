/**
 * Owners in the plans and the alert rules of a household's file: who doesn't count in a plan, and whose usage is told of. They
 * are called by their names there: another machine has other ids.
 */
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
  return withOwners(plan, (name) => placeOf(name, names, "except.owners"));
}

/** A plan with ids in the place of places. @param owners those of the document that was made of the file */
export function withIds<Some extends { readonly except: { readonly owners: readonly number[] } }>(
  plan: Some,
  names: readonly string[],
  owners: Owners,
): Some {
  const ids = idsByName(owners);
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

/** Alert rules as a file has them. A limit of an owner who was deleted is left out. */
export function rulesWithNames(rules: unknown, owners: Owners): unknown {
  return withRuleOwners(rules, (id) => owners[id as number]?.name ?? null);
}

/**
 * Alert rules of a file as the API has them, but with places as in {@link withPlaces}.
 * @throws Error for a name that is not among them
 */
export function rulesWithPlaces(rules: unknown, names: readonly string[]): unknown {
  return withRuleOwners(rules, (name) => placeOf(name, names, "rules.usage"));
}

/** Alert rules with ids in the place of places, as {@link withIds}. */
export function rulesWithIds<Rules>(rules: Rules, names: readonly string[], owners: Owners): Rules {
  const ids = idsByName(owners);
  return withRuleOwners(rules, (place) => ids.get(names[(place as number) - 1] ?? "") ?? null) as Rules;
}

/** Limits of no owner stay as they are; null leaves one out. */
function withRuleOwners(rules: unknown, replace: (owner: unknown) => unknown): unknown {
  if (!isRecord(rules) || !Array.isArray(rules.usage)) return rules;
  const usage = rules.usage.flatMap((limit: unknown) => {
    if (!isRecord(limit) || limit.owner === undefined || limit.owner === null) return [limit];
    const owner = replace(limit.owner);
    return owner === null ? [] : [{ ...limit, owner }];
  });
  return { ...rules, usage };
}

function placeOf(name: unknown, names: readonly string[], where: string): number {
  const place = typeof name === "string" ? names.indexOf(name.toLowerCase()) : -1;
  if (place === -1) throw new Error(`${where}: ${JSON.stringify(name)?.slice(0, 40)} is not among the owners.`);
  return place + 1;
}

const idsByName = (owners: Owners): ReadonlyMap<string, number> =>
  new Map(Object.entries(owners).map(([id, { name }]) => [name.toLowerCase(), Number(id)]));

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
