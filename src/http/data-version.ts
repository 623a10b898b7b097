import type { HouseholdBook } from "../household/book.ts";
import type { Store } from "../store/store.ts";
import { etagOf } from "./etag.ts";
import type { LearntNames } from "./learnt-names.ts";

export interface DataVersionDeps {
  readonly store: Pick<Store, "revision" | "devices">;
  readonly nameOf: (key: string) => string | null;
  /** What people say of their devices. */
  readonly household: Pick<HouseholdBook, "version">;
  /** Names that came by themselves. */
  readonly learnt: Pick<LearntNames, "revision">;
  /** The store counts its revisions anew in each process: an instant tells processes apart. */
  readonly startedAt: number;
}

/** Names the state of everything that responses about the past are made from: the same name, the same responses. */
export type DataVersion = () => Promise<string>;

/** @see DataVersion. It costs one question to the store as long as nothing has changed. */
export function createDataVersion({ store, nameOf, household, learnt, startedAt }: DataVersionDeps): DataVersion {
  let known: { readonly revision: number; readonly keys: readonly string[] } | null = null;
  return async () => {
    const revision = await store.revision();
    if (known?.revision !== revision) known = { revision, keys: (await store.devices()).map(({ key }) => key) };
    // A name that somebody gave is in no store.
    const names = JSON.stringify(known.keys.map((key) => nameOf(key)));
    return `${startedAt} ${revision} ${household.version()} ${learnt.revision()} ${names}`;
  };
}

/** The tag of a response that a version and a key, its own part of the question, decide. */
export function versionTag(version: string, key: string): string {
  return etagOf(Buffer.from(`${version}\n${key}`));
}
