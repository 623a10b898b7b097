import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

/** A terminal whose clock is turned by hand. */
function terminal({ isTTY = true } = {}) {
  const seen: string[] = [];
  const clock = { at: 0 };
  const progress = createProgress({ isTTY, write: (text) => seen.push(text) }, () => clock.at);
  return { seen, clock, progress };
}

test("a terminal gets one line that is written over, a few times a second, and each new step at once", () => {
  const { seen, clock, progress } = terminal();
  for (let done = 0; done < 100; done += 1) {
    clock.at += 10;
    progress.report("Reading", done, 100);
  }
  progress.report("Checking", 7, null);
  expect(seen).toEqual([
    "\rReading… 0 %\x1b[K",
    "\rReading… 20 %\x1b[K",
    "\rReading… 40 %\x1b[K",
    "\rReading… 60 %\x1b[K",
    "\rReading… 80 %\x1b[K",
    "\rChecking…\x1b[K",
  ]);
  seen.length = 0;
  progress.end();
  progress.end();
  expect(seen).toEqual(["\r\x1b[K"]);
});

test("a pipe, a log or cron gets nothing", async () => {
  const { seen, progress } = terminal({ isTTY: false });
  progress.report("Reading", 1, 2);
  expect(
    await progress.during(
      "Copying",
      () => 1,
      2,
      async () => "done",
    ),
  ).toBe("done");
  progress.end();
  expect(seen).toEqual([]);
});

test("work that reports nothing itself is asked how far it is, and the line is gone at its end, also a bad one", async () => {
  const { seen, clock, progress } = terminal();
  let done = 0;
  const work = () => {
    done = 50;
    clock.at += 1_000;
    return new Promise<void>((resolve) => {
      const wait = setInterval(() => {
        if (!seen.join("").includes("50 %")) return;
        clearInterval(wait);
        resolve();
      }, 5);
    });
  };
  await progress.during("Copying", () => done, 100, work);
  expect(seen.slice(0, 2)).toEqual(["\rCopying… 0 %\x1b[K", "\rCopying… 50 %\x1b[K"]);
  expect(seen.at(-1)).toBe("\r\x1b[K");
  const broken = progress.during(
    "Copying",
    () => 0,
    null,
    () => Promise.reject(new Error("no")),
  );
  await expect(broken).rejects.toThrow("no");
  expect(seen.at(-1)).toBe("\r\x1b[K");
});
