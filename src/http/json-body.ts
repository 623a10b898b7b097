import { nextTurn } from "./event-loop.ts";
import type { HttpResponse } from "./exchange.ts";

/** What is shorter goes out as a whole. */
const CHUNK = 65_536;

/** An object as the JSON body of a response; a large one is written while it is sent, a chunk at a time. */
export function jsonBody(value: object): Pick<HttpResponse, "body" | "holds"> {
  const holds = jsonLengthOf(value);
  return holds <= CHUNK ? { body: JSON.stringify(value) } : { body: jsonChunks(value), holds };
}

/** About how long the JSON of an object is: of a list, by its first and its last item. */
export function jsonLengthOf(value: object): number {
  let sum = 0;
  for (const part of Object.values(value)) {
    const items: unknown[] = Array.isArray(part) ? [part[0] ?? null, part.at(-1) ?? null] : [part];
    const length = items.reduce<number>((all, item) => all + JSON.stringify(item ?? null).length, 0) / items.length;
    sum += Array.isArray(part) ? length * part.length : length;
  }
  return Math.ceil(sum);
}

async function* jsonChunks(value: object): AsyncGenerator<Uint8Array> {
  let text = "{";
  for (const [index, [name, part]] of Object.entries(value).entries()) {
    text += `${index === 0 ? "" : ","}${JSON.stringify(name)}:`;
    if (!Array.isArray(part)) {
      text += JSON.stringify(part);
      continue;
    }
    text += "[";
    for (const [at, item] of part.entries()) {
      text += (at === 0 ? "" : ",") + JSON.stringify(item);
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = "";
      await nextTurn();
    }
    text += "]";
  }
  yield Buffer.from(`${text}}`);
}
