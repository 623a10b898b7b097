/** Which device has which colour. Pure. */

/** How many devices have a colour of their own; the rest are "others". */
export const COLOURS = 7;
/** Drawn as the others are, by itself: who is nobody's has no colour. */
export const PLAIN = 0;
/** So many devices have their colour remembered. */
const REMEMBERED = 200;

type Colours = ReadonlyMap<string, number>;

/**
 * Which colour (1 to 7, `--series-N`) the top devices have. Each has the one that is remembered for it, so that it has
 * the same on every page and after every load. Where there are more devices than colours, two may have the same
 * remembered: then who shows it already keeps it, and the other has to do with one that is free.
 * @param top keys, the largest first
 * @param shown the colours that are on the page now
 */
export function assignColours(top: readonly string[], shown: Colours, remembered: Colours): Colours {
  const wanted = top.slice(0, COLOURS);
  const next = new Map<string, number>();
  const taken = new Set<number>();
  const give = (key: string, colour: number | undefined) => {
    if (colour === undefined || next.has(key) || taken.has(colour)) return;
    next.set(key, colour);
    taken.add(colour);
  };
  for (const key of wanted) if (shown.get(key) === remembered.get(key)) give(key, remembered.get(key));
  for (const key of remembered.keys()) if (wanted.includes(key)) give(key, remembered.get(key));
  for (const key of wanted) give(key, shown.get(key));
  // Those that are nobody's first: a newcomer then shares its colour with no device of before.
  const claimed = new Set(remembered.values());
  const all = Array.from({ length: COLOURS }, (_, index) => index + 1);
  const free = [...all.filter((colour) => !claimed.has(colour)), ...all.filter((colour) => claimed.has(colour))];
  for (const key of wanted) for (const colour of free) give(key, colour);
  return next;
}

/** What is remembered, with the colours of devices that had none. The longest known are forgotten first. */
export function rememberColours(remembered: Colours, shown: Colours): Colours {
  const news = [...shown].filter(([key]) => !remembered.has(key));
  return news.length === 0 ? remembered : new Map([...remembered, ...news].slice(-REMEMBERED));
}

/** `02:1a:2b:00:00:05=3 02:1a:2b:00:00:06=1` */
export function writeColours(colours: Colours): string {
  return [...colours].map(([key, colour]) => `${key}=${colour}`).join(" ");
}

/** What can't be read is left out. */
export function readColours(text: string): Colours {
  const colours = new Map<string, number>();
  for (const [, key = "", colour = ""] of text.matchAll(/(\S+)=([1-7])(?=\s|$)/g)) colours.set(key, Number(colour));
  return colours;
}
