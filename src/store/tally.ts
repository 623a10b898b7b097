/** Figures of many things in columns, the numbers of the things first. */
export type Columns = readonly ArrayLike<number>[];

/** What the figures of one thing become when there are several rows of it. */
export type AddUp = "sum" | "max";

/** Adds rows up by thing. No object is made for a row, of which there may be hundreds of thousands. */
export interface Tally {
  /** The numbers of all things, each once, in the order in which they came. */
  readonly ids: readonly number[];
  /** A column for each kind of figure, in the order of `ids`. */
  readonly figures: readonly (readonly number[])[];
  /** Adds rows: the numbers of their things, and a column for each kind of figure. */
  add(rows: Columns): void;
}

const FEW_THINGS = 256;

/** @param kinds how each kind of figure is added up; the greatest of none is 0 */
export function createTally(kinds: readonly AddUp[]): Tally {
  // Things have numbers from 1 on, dense enough for a table; a map takes five times as long.
  let places = new Int32Array(FEW_THINGS);
  const ids: number[] = [];
  const figures: number[][] = kinds.map(() => []);

  /** Where each row goes. */
  function placesOf(things: ArrayLike<number>): Int32Array {
    const rows = new Int32Array(things.length);
    let largest = 0;
    for (let row = 0; row < things.length; row += 1) largest = Math.max(largest, things[row] as number);
    if (largest >= places.length) {
      const longer = new Int32Array(largest * 2);
      longer.set(places);
      places = longer;
    }
    for (let row = 0; row < rows.length; row += 1) {
      const id = things[row] as number;
      let place = places[id] as number;
      if (place === 0) {
        place = ids.push(id);
        places[id] = place;
        for (const column of figures) column.push(0);
      }
      rows[row] = place - 1;
    }
    return rows;
  }

  return {
    ids,
    figures,
    add([things = [], ...columns]) {
      const rows = placesOf(things);
      for (const [index, kind] of kinds.entries()) {
        (kind === "sum" ? addSums : addGreatest)(figures[index] as number[], rows, columns[index] as ArrayLike<number>);
      }
    },
  };
}

function addSums(column: number[], rows: Int32Array, figures: ArrayLike<number>): void {
  for (let row = 0; row < rows.length; row += 1) {
    const place = rows[row] as number;
    column[place] = (column[place] as number) + (figures[row] as number);
  }
}

function addGreatest(column: number[], rows: Int32Array, figures: ArrayLike<number>): void {
  for (let row = 0; row < rows.length; row += 1) {
    const place = rows[row] as number;
    const figure = figures[row] as number;
    if (figure > (column[place] as number)) column[place] = figure;
  }
}
