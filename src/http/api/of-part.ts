import type { TrafficChoice } from "../../shared/groups.ts";
import { IMPORTED, type SourceQuestions, type Store, type TrafficKind } from "../../store/store.ts";
import { HttpProblem } from "../errors.ts";
import type { PartQuery } from "./query-parameters.ts";

type Asked = Partial<SourceQuestions> & Pick<Store, "of" | "sources">;

const KINDS: Readonly<Record<TrafficChoice, readonly TrafficKind[] | undefined>> = {
  all: undefined,
  internet: ["internet"],
  lan: ["lan"],
};

/**
 * What answers questions about one source, or one kind of traffic, alone; the store itself where neither is asked for.
 * @throws HttpProblem `bad-request` where there is no such source
 */
export async function ofPart<Some extends Asked>(store: Some, { source, traffic }: PartQuery): Promise<Some> {
  if (source !== null) await checkSource(store, source);
  if (source === null && traffic === "all") return store;
  // Which devices there are doesn't hang on with whom: a darkstat can't tell that of any.
  const part = { ...store.of(source, KINDS[traffic]), devices: store.of(source).devices };
  // What is no question about a part is asked of the store itself, whatever its methods hang on.
  return Object.create(store, Object.getOwnPropertyDescriptors(part));
}

async function checkSource(store: Pick<Store, "sources">, source: string): Promise<void> {
  const names = (await store.sources()).map((known) => known.source);
  if (names.includes(source)) return;
  const shown = source.length > 40 ? `${source.slice(0, 40)}…` : source;
  throw new HttpProblem("bad-request", `source: "${shown}" is no meter.`, `The meters are ${names.join(", ")}.`);
}

/** Each meter by itself, and what was measured elsewhere: those that add up to the whole, or to a kind of its traffic. */
export async function partsBySource<Some extends Pick<Store, "of" | "sources">>(
  store: Some,
  { source: asked, traffic }: PartQuery,
): Promise<{ source: string; store: SourceQuestions }[]> {
  const sources = asked === null ? (await store.sources()).filter(({ isView }) => isView !== true) : [];
  const names = asked === null ? [...sources.map((known) => known.source), IMPORTED] : [asked];
  return names.map((name) => ({ source: name, store: store.of(name, KINDS[traffic]) }));
}
