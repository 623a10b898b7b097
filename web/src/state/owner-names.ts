import { signal } from "@preact/signals";

/** Names of owners by id, as the server said last: what tables call them by. */
export const ownerNames = signal<ReadonlyMap<number, string>>(new Map());
