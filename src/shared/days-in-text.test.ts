import { describe, expect, test } from "vitest";
import { alertText, changeText, daysInText } from "./days-in-text.ts";

describe("days in sentences", () => {
  const found = (day: string) => `<${day}>`;

  test("each day is written as its reader writes it, and nothing else changes", () => {
    expect(daysInText("From 2026-02-28 to 2026-12-05; 10 GB.", found)).toBe(
      "From <2026-02-28> to <2026-12-05>; 10 GB.",
    );
    for (const text of ["Until 2026-02-30.", "Serial 12026-12-055", "2026-12", ""]) {
      expect(daysInText(text, found)).toBe(text);
    }
  });

  test("a name in quotes that looks like a day stays", () => {
    expect(daysInText('Both call themselves "2026-12-05" since 2026-12-06', found)).toBe(
      'Both call themselves "2026-12-05" since <2026-12-06>',
    );
  });

  test("of a change, the day of a handover alone, whatever the names are like", () => {
    expect(changeText("2026-12-05 is from 2026-12-06 on's from 2026-12-07 on", found)).toBe(
      "2026-12-05 is from 2026-12-06 on's from <2026-12-07> on",
    );
    for (const text of ["Hid 2026-12-05", "TV is Anna's", "TV is Anna's from 2026-02-30 on"]) {
      expect(changeText(text, found)).toBe(text);
    }
  });

  test("a message about a plan says the day in words, and one about a device leaves its name alone", () => {
    const text = "495 GB of 600 GB used, 105 GB left until 2026-12-05.";
    expect(alertText({ rule: "plan", text })).toBe("495 GB of 600 GB used, 105 GB left until 5 December.");
    const named = "cam 2026-12-05 used 3 GB today.";
    expect(alertText({ rule: "usage", text: named })).toBe(named);
  });
});
