import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SETTING_KEYS, SETTINGS, type SettingRow } from "./table.ts";
import { writeFileAtomically } from "./text-file.ts";

export const EXAMPLE_FILE = "WhiteStatConfig.example.json";

/** A key of the file that is a comment: JSON has no other. */
export function isComment(key: string): boolean {
  return key.startsWith("//");
}

/** Every setting with its default and what it means, as a settings file that changes nothing. */
export function exampleText(): string {
  const lines = SETTING_KEYS.filter((key) => key !== "DATA_STORE").flatMap((key) => {
    const row: SettingRow<unknown> = SETTINGS[key];
    return [
      "",
      `    ${JSON.stringify(`// ${key}`)}: ${JSON.stringify(`${row.sentence} Allowed: ${row.allowed}.`)},`,
      `    ${JSON.stringify(key)}: ${JSON.stringify(row.default)},`,
    ];
  });
  const head =
    "All settings with their defaults. WhiteStat never reads this file: copy what you want to change to WhiteStatConfig.json, and restart.";
  return `{\n    "//": ${JSON.stringify(head)},\n${lines.join("\n").replace(/,$/, "")}\n}\n`;
}

/** Writes the example beside the settings file, unless it is there as it should be. It is only a help: a failure is none. */
export async function writeExample(dataStore: string): Promise<void> {
  const file = join(dataStore, EXAMPLE_FILE);
  const text = exampleText();
  if ((await readFile(file, "utf8").catch(() => null)) === text) return;
  await writeFileAtomically(file, text).catch(() => undefined);
}
