import type { Totals } from "../../accounting/types.ts";
import { DarkstatError, excerpt } from "./error.ts";
import { type PageOrigin, pageOrigin } from "./parse-page.ts";
import { durationSeconds, wholeNumber } from "./text.ts";

/** darkstat's first page: since when it measures, and its totals. */
export interface FrontPage extends PageOrigin {
  /** The text after "since": the name of this run, to be compared and never to be read as a time. */
  readonly epoch: string;
  readonly totals: Totals;
}

const PAGE = "the first page (/)";

/** Reads `/`. @throws DarkstatError `refused-query`, `cut`, `garbled` */
export function parseFront(html: string): FrontPage {
  const origin = pageOrigin(html, PAGE);
  const epoch = /<b>, since<\/b> ([^<>]{1,100})<b>\.<\/b>/.exec(html)?.[1];
  if (epoch === undefined) throw new DarkstatError("garbled", `${PAGE} does not say since when darkstat measures`);
  const uptime = span(html, "rf");
  const uptimeSeconds = durationSeconds(uptime);
  if (uptimeSeconds === null) {
    throw new DarkstatError(
      "garbled",
      `"Measuring for" of ${PAGE} is ${excerpt(uptime)}; "2 mins, 1 sec" was expected`,
    );
  }
  return {
    ...origin,
    epoch,
    totals: {
      bytes: wholeNumber(span(html, "tb"), `"bytes" of ${PAGE}`),
      packets: wholeNumber(span(html, "tp"), `"packets" of ${PAGE}`),
      captured: wholeNumber(span(html, "pc"), `"captured" of ${PAGE}`),
      dropped: wholeNumber(span(html, "pd"), `"dropped" of ${PAGE}`),
      uptimeSeconds,
    },
  };
}

/** Written out, for a pattern that is made at each call is compiled at each call. */
const SPANS = {
  rf: /<span id="rf">([^<]{1,100})<\/span>/,
  tb: /<span id="tb">([^<]{1,100})<\/span>/,
  tp: /<span id="tp">([^<]{1,100})<\/span>/,
  pc: /<span id="pc">([^<]{1,100})<\/span>/,
  pd: /<span id="pd">([^<]{1,100})<\/span>/,
} as const;

function span(html: string, id: keyof typeof SPANS): string {
  const match = SPANS[id].exec(html);
  if (!match) throw new DarkstatError("garbled", `${PAGE} lacks the figure "${id}"`);
  return match[1] ?? "";
}
