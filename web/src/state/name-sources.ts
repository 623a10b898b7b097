import { signal } from "@preact/signals";
import { ApiFailure, getJson, putJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import { namesText } from "../texts/names.ts";
import type { NameSources, NameSourcesInput } from "../wire.ts";
import { reasonOf, sayDone, sayFailed } from "./toast.ts";

export type SourceName = keyof NameSources;

/** Where names of devices are looked for; null until it is read. */
export const nameSources = signal<NameSources | null>(null);
/** Why it couldn't be read. */
export const nameSourcesFailure = signal<ApiFailure | null>(null);

/** What is switched on is asked at once, and answers within a few seconds. */
const LOOK_MS = 1000;
const LOOKS = 8;

export async function refreshNameSources(): Promise<void> {
  try {
    nameSources.value = await getJson<NameSources>("api/v1/name-sources");
    nameSourcesFailure.value = null;
  } catch (error) {
    nameSourcesFailure.value =
      error instanceof ApiFailure ? error : new ApiFailure("unknown", failureText.noNames, null);
  }
}

/** Switches a source on or off, says so, and offers the way back. */
export async function switchSource(source: SourceName, on: boolean): Promise<void> {
  try {
    nameSources.value = await putJson<NameSources>("api/v1/name-sources", { [source]: { on } });
  } catch (error) {
    sayFailed(error, failureText.notSaved);
    return;
  }
  const said = on ? namesText.switchedOn : namesText.switchedOff;
  sayDone(said(namesText.sources[source]), () => switchSource(source, !on));
  if (on) await watch(source);
}

/**
 * Saves how a source is reached, switches it on, and waits for what comes of it.
 * @returns why it wasn't saved; null where it was
 */
export async function saveSource(source: "pihole" | "adguard", change: NameSourcesInput): Promise<string | null> {
  try {
    nameSources.value = await putJson<NameSources>("api/v1/name-sources", change);
  } catch (error) {
    return reasonOf(error, failureText.notSaved);
  }
  await watch(source);
  return null;
}

/** Reads again until the source has answered, or enough was waited. */
async function watch(source: SourceName): Promise<void> {
  const before = answerOf(source);
  for (let look = 0; look < LOOKS && answerOf(source) === before; look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    await refreshNameSources();
  }
}

function answerOf(source: SourceName): string {
  const known = nameSources.peek();
  if (known === null) return "";
  if (source === "files") return JSON.stringify(known.files.paths.map(({ readAt, problem }) => [readAt, problem]));
  const { readAt, problem } = known[source];
  return JSON.stringify([readAt, problem]);
}
