/** A pause lasts at least so many rounds of the event loop: the first may be what is left of the present one. */
const FEWEST_ROUNDS = 2;
/** And at most so many, so that no stream of connections brings long work to a halt: as many as may be open at a time. */
const MOST_ROUNDS = 256;

let arrivals = 0;

/** To be told of each new connection, see `nextTurn`. */
export function noteArrival(): void {
  arrivals += 1;
}

/**
 * Lets whatever else is due be done first: other requests, the next reading. To be awaited between two parts of long work.
 * It lasts while new connections come. Node takes one in a round: with a part of long work in each, whoever connects
 * after two hundred others would wait for two hundred parts.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    let rounds = 0;
    let known = arrivals;
    const round = () => {
      rounds += 1;
      const isQuiet = arrivals === known;
      known = arrivals;
      if (rounds >= MOST_ROUNDS || (rounds >= FEWEST_ROUNDS && isQuiet)) resolve();
      else setImmediate(round);
    };
    setImmediate(round);
  });
}
