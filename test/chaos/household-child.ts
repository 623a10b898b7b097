/**
 * Changes names and notes of devices, as the page does, until it is killed: each change is told on standard output once it is
 * answered. `node household-child.ts FOLDER FIRST`
 */
import { writeSync } from "node:fs";
import { openHousehold, stepsOf } from "./household-rounds.ts";

const [folder = "", first = "1"] = process.argv.slice(2);
const { book } = await openHousehold(folder);
for (let number = Number(first); ; number += 1) {
  await book.change(stepsOf(number));
  writeSync(1, `${number}\n`);
}
