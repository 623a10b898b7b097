import { readFile } from "node:fs/promises";
import { withValue } from "./json-text.ts";
import { canonicalSegment, withFound } from "./lan.ts";
import { type Environment, findValue, readDocument } from "./sources.ts";
import type { SettingKey } from "./table.ts";
import { decodeText, writeFileAtomically } from "./text-file.ts";

export interface Found {
  /** The settings file, which exists. */
  readonly file: string;
  readonly env: Environment;
  /** Networks, as `192.168.1` or in CIDR. */
  readonly segments: readonly string[];
}

/**
 * Writes the segments that were found behind `auto` in LAN_SEGMENT_MASKS. (Routers that are found stand in the store, so that
 * this file holds only those that a person names.) The file is read again first, since a person may have edited it: a list without `auto` is fixed and stays. Nothing else in the file changes,
 * and nothing is written when nothing is new. Calls must not overlap.
 * @returns whether the file changed
 * @throws JsonSyntaxError while the file is no JSON (somebody is editing it); the file system's error when it can't be written
 */
export async function rememberFound({ file, env, segments }: Found): Promise<boolean> {
  const before = decodeText(await readFile(file));
  const value = findValue("LAN_SEGMENT_MASKS", readDocument(file, before.text), env);
  if ("problem" in value) return false;
  const longer = withFound(value.text, segments, canonicalSegment);
  const text = longer === value.text ? before.text : withValue(before.text, "LAN_SEGMENT_MASKS", longer);
  if (text === before.text) return false;
  await writeFileAtomically(file, before.bom ? `\uFEFF${text}` : text);
  return true;
}

/**
 * Writes one setting into the settings file; everything else in it stays as it is.
 * @throws as {@link rememberFound}
 */
export async function writeSetting(file: string, key: SettingKey, value: string | number): Promise<void> {
  const { text, bom } = decodeText(await readFile(file));
  const after = withValue(text, key, value);
  if (after !== text) await writeFileAtomically(file, bom ? `\uFEFF${after}` : after);
}
