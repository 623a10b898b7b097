import { briefBytesText } from "../shared/brief-bytes.ts";
import type { Coincidence } from "./remotes.ts";

/** What a sentence tells. Times are texts of the clock, `02:00`; `until` is null while it goes on. */
export interface Told {
  readonly name: string;
  readonly direction: "download" | "upload";
  readonly bytes: number;
  readonly usual: number;
  readonly since: string;
  readonly until: string | null;
  readonly hosts: readonly Coincidence[];
}

/** `Living room TV downloaded 41 GB between 02:00 and 06:00; usually 0.3 GB.`, and which hosts grew meanwhile. */
export function unusualSentence({ name, direction, bytes, usual, since, until, hosts }: Told): string {
  const when = until === null ? `since ${since}` : `between ${since} and ${until}`;
  const what = `${name} ${direction}ed ${briefBytesText(bytes)} ${when}; usually ${briefBytesText(usual)}.`;
  if (hosts.length === 0) return what;
  const grown = hosts.map((host) => `${host.hostname ?? host.ip} (${briefBytesText(host.bytes)})`);
  return `${what} At the same time, traffic with ${listText(grown)} grew.`;
}

function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
