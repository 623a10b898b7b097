/**
 * What turns one JSON value into another. A number, a text, a boolean or null takes the place of what was there; so does
 * what is in `set`. `fields` are those of an object that changed. `at` are the places of a list that changed; where there
 * is an `order`, the list is made of items of the one before first, by their index (-1: an item that is new).
 */
export type Patch =
  | number
  | string
  | boolean
  | null
  | { readonly set: unknown }
  | { readonly fields: Readonly<Record<string, Patch>> }
  | { readonly at: readonly (readonly [index: number, patch: Patch])[]; readonly order?: readonly number[] };

/** The patch that turns `before` into `after`, both JSON values; undefined where they are the same. */
export function patchBetween(before: unknown, after: unknown): Patch | undefined {
  if (before === after) return undefined;
  if (Array.isArray(before) && Array.isArray(after)) return patchOfList(before, after);
  if (isObject(before) && isObject(after)) return patchOfObject(before, after);
  return isObject(after) || Array.isArray(after) ? { set: after } : (after as Patch);
}

/**
 * The value that a patch makes of `before`, which stays as it is; the two share what did not change.
 * @param patch made by `patchBetween` of this very `before`
 */
export function applyPatch(before: unknown, patch: Patch): unknown {
  if (!isObject(patch)) return patch;
  if ("set" in patch) return patch.set;
  if ("fields" in patch) {
    const known = before as Readonly<Record<string, unknown>>;
    const changed = Object.entries(patch.fields).map(([name, part]) => [name, applyPatch(known[name], part)] as const);
    return { ...known, ...Object.fromEntries(changed) };
  }
  const known = before as readonly unknown[];
  const next = patch.order === undefined ? [...known] : patch.order.map((index) => known[index]);
  for (const [index, part] of patch.at) next[index] = applyPatch(next[index], part);
  return next;
}

function patchOfObject(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Patch | undefined {
  const names = Object.keys(after);
  const isAlike = names.length === Object.keys(before).length && names.every((name) => Object.hasOwn(before, name));
  if (!isAlike) return { set: after };
  const changed = names.flatMap((name) => {
    const patch = patchBetween(before[name], after[name]);
    return patch === undefined ? [] : [[name, patch] as const];
  });
  return changed.length === 0 ? undefined : { fields: Object.fromEntries(changed) };
}

function patchOfList(before: readonly unknown[], after: readonly unknown[]): Patch | undefined {
  const order = orderOf(before, after);
  if (order === null && before.length !== after.length) return { set: after };
  const isMoved = order !== null && (before.length !== after.length || order.some((from, index) => from !== index));
  const at = after.flatMap((item, index) => {
    const from = order === null ? index : (order[index] ?? -1);
    const patch = from < 0 ? { set: item } : patchBetween(before[from], item);
    return patch === undefined ? [] : [[index, patch] as const];
  });
  if (isMoved) return { at, order };
  if (at.length === 0) return undefined;
  // Of figures that nearly all changed, the figures alone are shorter.
  return order === null && at.length * 2 > after.length ? { set: after } : { at };
}

/** Where each item was before, by what names it; null where the items of a list have no names. */
function orderOf(before: readonly unknown[], after: readonly unknown[]): number[] | null {
  const known = new Map(before.map((item, index) => [nameOf(item), index] as const));
  const names = after.map(nameOf);
  const areNamed = known.size === before.length && new Set(names).size === names.length;
  if (!areNamed || known.has(null) || names.includes(null)) return null;
  return names.map((name) => known.get(name) ?? -1);
}

/** A device has a key, an internet host an address. */
function nameOf(item: unknown): string | null {
  if (!isObject(item)) return null;
  const name = item.key ?? item.ip;
  return typeof name === "string" ? name : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
