import type { SourceQuestions, Store } from "../../store/store.ts";
import { HttpProblem } from "../errors.ts";

type Asked = Partial<SourceQuestions> & Pick<Store, "of" | "sources">;

/**
 * What answers questions about one source alone; the store itself where none is named.
 * @throws HttpProblem `bad-request` where there is no such source
 */
export async function ofSource<Some extends Asked>(store: Some, source: string | null): Promise<Some> {
  if (source === null) return store;
  const names = (await store.sources()).map((known) => known.source);
  // What is no question about one source is asked of the store itself, whatever its methods hang on.
  if (names.includes(source)) return Object.create(store, Object.getOwnPropertyDescriptors(store.of(source)));
  const shown = source.length > 40 ? `${source.slice(0, 40)}…` : source;
  throw new HttpProblem("bad-request", `source: "${shown}" is no meter.`, `The meters are ${names.join(", ")}.`);
}
