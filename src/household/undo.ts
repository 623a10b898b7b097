import { problemOf } from "./check.ts";
import { type Edit, entryOf, type HouseholdDocument, withEntry } from "./document.ts";
import { HouseholdError } from "./error.ts";
import { isSame } from "./steps.ts";

/**
 * Takes edits back: each entry is again what it was before them.
 * @param nameOf the name of a device now, by its key
 * @returns the document, and the names to be given again
 * @throws HouseholdError `overtaken` where an entry is another one by now, or something that came later needs it
 */
export function takeBack(
  document: HouseholdDocument,
  edits: readonly Edit[],
  nameOf: (key: string) => string | null,
): { readonly document: HouseholdDocument; readonly names: readonly Edit[] } {
  let next = document;
  const names: Edit[] = [];
  for (const edit of edits) {
    const { part, key, before, after } = edit;
    const now = part === "names" ? nameOf(key) : entryOf(next, part, key);
    if (!isSame(now, after)) throw overtaken(`${key} was changed again since then.`);
    if (part === "names") names.push({ part, key, before: after, after: before });
    else next = withEntry(next, part, key, before);
  }
  const problem = problemOf(next);
  if (problem !== null) throw overtaken(problem);
  return { document: next, names };
}

function overtaken(why: string): HouseholdError {
  return new HouseholdError("overtaken", `This can't be undone any more: ${why}`, "Undo the later change first.");
}
