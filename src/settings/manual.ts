import { SETTING_KEYS, SETTINGS, type SettingRow } from "./table.ts";

const defaultText = (row: SettingRow<unknown>) => (row.default === "" ? "" : String(row.default));

/** The settings as a Markdown table, for the README. */
export function settingsMarkdown(): string {
  const lines = SETTING_KEYS.map((key) => {
    const row: SettingRow<unknown> = SETTINGS[key];
    const cells = [
      code(key),
      row.default === "" ? "(empty)" : code(defaultText(row)),
      row.environment ? "yes" : "",
      row.sentence,
      row.allowed,
      code(String(row.example)),
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const head = [
    "| setting | default | environment | meaning | allowed | example |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  return `${[...head, ...lines].join("\n")}\n`;
}

/** The settings as text of 80 columns, for `--help`. */
export function settingsHelp(): string {
  return SETTING_KEYS.map((key) => {
    const row: SettingRow<unknown> = SETTINGS[key];
    const facts = [
      `Allowed: ${row.allowed}.`,
      `Default: ${row.default === "" ? "empty" : defaultText(row)}.`,
      row.environment ? "" : "In the file only.",
    ];
    const text = [row.sentence, ...facts].filter((part) => part !== "").join(" ");
    return `  ${key}\n${wrapped(text, 72)
      .map((line) => `      ${line}`)
      .join("\n")}`;
  }).join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
