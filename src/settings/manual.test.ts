import { describe, expect, test } from "vitest";
import { settingsHelp, settingsMarkdown } from "./manual.ts";
import { SETTING_KEYS, SETTINGS, type SettingRow } from "./table.ts";

describe("the table of settings", () => {
  test.each(SETTING_KEYS)("the default and the example of %s are allowed values", (key) => {
    const row: SettingRow<unknown> = SETTINGS[key];
    expect(() => row.parse(String(row.default))).not.toThrow();
    expect(() => row.parse(String(row.example))).not.toThrow();
    expect(row.kind === "number").toBe(typeof row.default === "number");
  });

  test.each(SETTING_KEYS)("the range that %s states is the range that it holds to", (key) => {
    const row: SettingRow<unknown> = SETTINGS[key];
    if (!row.range) return expect(row.kind).not.toBe("number");
    const [min, max] = row.range;
    expect(() => row.parse(String(min))).not.toThrow();
    expect(() => row.parse(String(max))).not.toThrow();
    expect(() => row.parse(String(min - 1))).toThrow();
    expect(() => row.parse(String(max + 1))).toThrow();
    expect(row.allowed).toContain(`${min} to ${max}`);
  });

  test("the manual has a row for each, and no | of an example breaks a row", () => {
    const rows = settingsMarkdown().trimEnd().split("\n");
    expect(rows).toHaveLength(SETTING_KEYS.length + 2);
    for (const line of rows) expect(line.match(/(?<!\\)\|/g)).toHaveLength(7);
    for (const key of SETTING_KEYS) expect(rows.some((line) => line.startsWith(`| \`${key}\` |`))).toBe(true);
  });

  test("the help fits 80 columns and names every setting", () => {
    const lines = settingsHelp().split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    for (const key of SETTING_KEYS) expect(lines).toContain(`  ${key}`);
  });
});
