/**
 * Loaded into the product before its first line (`node --import`): its clocks begin where the test says, go on from
 * there, and jump when the test says so. So no test meets midnight by chance, and two hours pass in none.
 */
const real = { date: Date.now.bind(Date), mono: performance.now.bind(performance) };
const offset = Number(process.env.TEST_CLOCK_OFFSET_MS);
let ahead = 0;

Date.now = () => real.date() + offset + ahead;
performance.now = () => real.mono() + ahead;

process.on("message", (/** @type {{ aheadMs: number }} */ message) => {
  ahead = message.aheadMs;
  process.send?.({ aheadMs: ahead });
});
process.channel?.unref();
