import type { Store } from "../store/store.ts";
import { nextTurn } from "./event-loop.ts";

const MAX_TRIES = 2;

/**
 * Makes something of several questions to the store, with pauses in which others have their turn. A reading that is settled
 * in a pause would be in one part and not in the other: then it is made again, in the end without pauses.
 */
export async function consistently<T>(
  store: Pick<Store, "revision">,
  make: (pause: () => Promise<void>) => Promise<T>,
): Promise<T> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const before = await store.revision();
    const made = await make(nextTurn);
    if ((await store.revision()) === before) return made;
  }
  return make(async () => {});
}
