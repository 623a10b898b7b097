import type { Step } from "../shared/household-api.ts";
import { checkDay } from "./check.ts";
import { type Edit, EMPTY_HOUSEHOLD, type HouseholdDocument } from "./document.ts";
import { HouseholdError } from "./error.ts";
import { applySteps, editsBetween, type KnownDevice, type PlainStep } from "./steps.ts";
import { takeBack } from "./undo.ts";

/** A change that was made, with what takes it back. */
export interface Change {
  readonly id: number;
  /** ms UTC */
  readonly at: number;
  /** What its first step does. */
  readonly kind: Step["do"] | "import";
  readonly text: string;
  readonly undone: boolean;
  readonly edits: readonly Edit[];
}

/** What is remembered, under {@link MEMORY}. */
interface State {
  readonly version: 1;
  readonly document: HouseholdDocument;
  /** The latest last. */
  readonly changes: readonly Change[];
  readonly nextOwner: number;
  readonly nextChange: number;
  /** Names that belong to the document and may not stand in their file yet: the process may have ended between the two. */
  readonly unsaved: readonly Edit[];
}

const MEMORY = "household";
const KEPT_MS = 7 * 86_400_000;
const MOST_CHANGES = 500;
const EMPTY: State = {
  version: 1,
  document: EMPTY_HOUSEHOLD,
  changes: [],
  nextOwner: 1,
  nextChange: 1,
  unsaved: [],
};

/** Figures that are to be removed. */
export type Removal = Extract<Step, { do: "remove" }>;

export interface BookDeps {
  readonly memory: {
    recall<T>(name: string): Promise<T | null>;
    remember(name: string, value: unknown): Promise<void>;
  };
  /** Names live in MAC_HOST.txt. */
  readonly names: {
    nameOf(key: string): string | null;
    rename(key: string, name: string | null): Promise<void>;
  };
  /** Every device, as the store has it now. */
  readonly devices: () => Promise<readonly Omit<KnownDevice, "name">[]>;
  /** The lines of MAC_MAC.txt. */
  readonly fileMerges: () => ReadonlyMap<string, string>;
  readonly now: () => number;
  /** Called when the document is another one: who an interface belongs to may have changed. */
  readonly onChange: () => Promise<void>;
  /** Removes figures under the id of a change. @returns what to say of it */
  readonly remove: (id: number, removal: Removal) => Promise<string>;
  /** Brings removed figures back. @returns false when there are none of this id */
  readonly restore: (id: number) => Promise<boolean>;
}

/**
 * The one owner of the household's document. Each change is durable before it is answered, as a whole, and can be taken
 * back for seven days, over restarts.
 */
export interface HouseholdBook {
  /** Reads what is remembered; does nothing when it was read. Rejects when it can't be. */
  load(): Promise<void>;
  /** Empty before it is loaded. */
  document(): HouseholdDocument;
  /** Another number as soon as the document is another. */
  version(): number;
  /** Those of the last seven days, the latest first. */
  changes(): readonly Change[];
  /**
   * Takes steps, all or none.
   * @returns the change (null where everything was so already) and the ids of owners that were added
   * @throws HouseholdError; what `names`, `memory` and `remove` throw: then nothing has changed
   */
  change(steps: readonly Step[]): Promise<{ change: Change | null; owners: readonly number[] }>;
  /** Takes a change back. @throws HouseholdError `unknown-change`, `overtaken` */
  undo(id: number): Promise<Change>;
  /**
   * Puts a whole household in the place of the present one, with these names on top of those that are.
   * @param make the document, from the present one and the id of the next owner
   * @returns null where everything was so already
   */
  replace(make: MakeDocument, names: ReadonlyMap<string, string>, text: string): Promise<Change | null>;
}

type MakeDocument = (present: HouseholdDocument, nextOwner: number) => HouseholdDocument;

/** The document as it is remembered, for who only reads it. */
export async function recallDocument(memory: Pick<BookDeps["memory"], "recall">): Promise<HouseholdDocument> {
  return (await memory.recall<State>(MEMORY))?.document ?? EMPTY_HOUSEHOLD;
}

export function createHouseholdBook(deps: BookDeps): HouseholdBook {
  const { memory, names } = deps;
  let state = EMPTY;
  let isLoaded = false;
  let version = 0;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = last.then(task);
    last = turn.catch(() => undefined);
    return turn;
  }

  async function load(): Promise<void> {
    if (!isLoaded) {
      state = (await memory.recall<State>(MEMORY)) ?? EMPTY;
      isLoaded = true;
      version += 1;
    }
    if (state.unsaved.length === 0) return;
    // What was said of the rest of the document is durable, so the names follow it, unless somebody has edited them since.
    for (const { key, before, after } of state.unsaved) {
      if (names.nameOf(key) === before) await names.rename(key, after as string | null);
    }
    await save({ ...state, unsaved: [] });
  }

  async function save(next: State): Promise<void> {
    await memory.remember(MEMORY, next);
    if (next.document !== state.document) version += 1;
    state = next;
  }

  /** The document first, with the names that are to follow it; on an error all is as it was. */
  async function saveWithNames(next: State, edits: readonly Edit[]): Promise<void> {
    const before = state;
    await save({ ...next, unsaved: edits });
    const given: Edit[] = [];
    try {
      for (const edit of edits) {
        await names.rename(edit.key, edit.after as string | null);
        given.push(edit);
      }
    } catch (error) {
      for (const { key, before: old } of given) await names.rename(key, old as string | null).catch(() => undefined);
      await save({ ...before, nextChange: next.nextChange, nextOwner: next.nextOwner });
      throw error;
    }
    if (edits.length > 0) await save(next);
  }

  function withChange(change: Change, more: Partial<State>): State {
    const oldest = change.at - KEPT_MS;
    const changes = [...state.changes.filter(({ at }) => at > oldest), change].slice(-MOST_CHANGES);
    return { ...state, ...more, changes, nextChange: change.id + 1 };
  }

  function newChange(kind: Change["kind"], text: string, edits: readonly Edit[]): Change {
    return { id: state.nextChange, at: deps.now(), kind, text, undone: false, edits };
  }

  async function change(steps: readonly Step[]): Promise<{ change: Change | null; owners: readonly number[] }> {
    await load();
    const [first] = steps;
    if (first === undefined) throw new HouseholdError("bad-change", "There is nothing to change.");
    if (first.do === "remove" && steps.length === 1) {
      if (checkDay(first.from) > checkDay(first.to)) {
        throw new HouseholdError("bad-change", "The last day is before the first.", "Swap them.");
      }
      return { change: await remove(first), owners: [] };
    }
    const devices = (await deps.devices()).map((device) => ({ ...device, name: names.nameOf(device.key) }));
    const applied = applySteps(state.document, steps.map(plain), {
      devices,
      fileMerges: deps.fileMerges(),
      nextOwner: state.nextOwner,
    });
    if (applied.edits.length === 0) return { change: null, owners: [] };
    const done = newChange(first.do, applied.text, applied.edits);
    const { document, nextOwner } = applied;
    await saveWithNames(withChange(done, { document, nextOwner }), namesOf(applied.edits));
    await deps.onChange();
    return { change: done, owners: applied.added };
  }

  async function remove(removal: Removal): Promise<Change> {
    const before = state;
    const done = newChange("remove", "", []);
    // The id is used up before the figures go by it; a change of figures that did not go is taken for undone.
    await save(withChange({ ...done, text: "Removed figures" }, {}));
    try {
      const told = { ...done, text: await deps.remove(done.id, removal) };
      await save({ ...state, changes: [...state.changes.slice(0, -1), told] });
      return told;
    } catch (error) {
      await save({ ...before, nextChange: done.id + 1 });
      throw error;
    }
  }

  async function undo(id: number): Promise<Change> {
    await load();
    const found = state.changes.find((one) => one.id === id);
    if (found === undefined && (await deps.restore(id))) {
      return { id, at: deps.now(), kind: "remove", text: "Removed figures", undone: true, edits: [] };
    }
    if (found === undefined) {
      throw new HouseholdError("unknown-change", `There is no change ${id}.`, "Changes can be undone for seven days.");
    }
    if (found.undone) throw new HouseholdError("overtaken", "This was undone already.");
    const undone = { ...found, undone: true };
    const changes = state.changes.map((one) => (one.id === id ? undone : one));
    if (found.kind === "remove") {
      if (!(await deps.restore(id))) throw new HouseholdError("overtaken", "These figures are no longer kept.");
      await save({ ...state, changes });
      return undone;
    }
    const { document, names: edits } = takeBack(state.document, found.edits, names.nameOf);
    await saveWithNames({ ...state, document, changes }, edits);
    await deps.onChange();
    return undone;
  }

  async function replace(make: MakeDocument, given: ReadonlyMap<string, string>, text: string): Promise<Change | null> {
    await load();
    const document = make(state.document, state.nextOwner);
    const edits = editsBetween(state.document, document);
    for (const [key, name] of given) {
      const before = names.nameOf(key);
      if (before !== name) edits.push({ part: "names", key, before, after: name });
    }
    if (edits.length === 0) return null;
    const ids = Object.keys(document.owners).map(Number);
    const nextOwner = Math.max(state.nextOwner, ...ids.map((id) => id + 1));
    const done = newChange("import", text, edits);
    await saveWithNames(withChange(done, { document, nextOwner }), namesOf(edits));
    await deps.onChange();
    return done;
  }

  return {
    load: () => inTurn(load),
    document: () => state.document,
    version: () => version,
    changes: () => {
      const oldest = deps.now() - KEPT_MS;
      return state.changes.filter(({ at }) => at > oldest).reverse();
    },
    change: (steps) => inTurn(() => change(steps)),
    undo: (id) => inTurn(() => undo(id)),
    replace: (make, given, text) => inTurn(() => replace(make, given, text)),
  };
}

function namesOf(edits: readonly Edit[]): Edit[] {
  return edits.filter(({ part }) => part === "names");
}

function plain(step: Step): PlainStep {
  if (step.do !== "remove") return step;
  throw new HouseholdError("bad-change", "A removal is a change of its own.", "Send it as the only step.");
}
