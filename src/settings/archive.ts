import { readFile } from "node:fs/promises";
import { formatAddress, normaliseMac, parseAddress } from "../accounting/address.ts";
import { writeFileAtomically } from "./text-file.ts";

/**
 * ARCHIVED.txt: devices that are counted and shown as one. A line is a MAC, or the IP where there are no MACs. It is a file
 * beside the others that people edit, so that an archive can be seen, and whoever takes a line out has the device back.
 */

const HEAD = `# Devices that are counted and shown as one, "Archived devices": by the command archive, or by you.
# A line that is taken out is a device of its own again, for the past as well.
`;
const WARNINGS_AT_MOST = 5;

/** The archived devices of a file, and what is wrong in it. No file is an empty archive. @throws the file system's error */
export async function readArchive(path: string): Promise<{ devices: ReadonlySet<string>; warnings: string[] }> {
  const devices = new Set<string>();
  const wrong: number[] = [];
  let number = 0;
  for (const line of (await textOf(path)).split(/\r\n|\r|\n/)) {
    number += 1;
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const key = keyOf(text);
    if (key === null) wrong.push(number);
    else devices.add(key);
  }
  const told = wrong.slice(0, WARNINGS_AT_MOST).join(", ");
  const more = wrong.length > WARNINGS_AT_MOST ? ` and ${wrong.length - WARNINGS_AT_MOST} more` : "";
  const allowed = "allowed: one MAC or IP address on each line, e.g. 02:1a:2b:00:00:08";
  return {
    devices,
    warnings: wrong.length === 0 ? [] : [`ARCHIVED.txt, line ${told}${more}: no address; ${allowed}.`],
  };
}

/** Adds devices to the file, below what is there. @throws the file system's error; then the file is as it was */
export async function addToArchive(path: string, keys: readonly string[], heading: string): Promise<void> {
  const before = await textOf(path);
  const start = before === "" ? HEAD : before.replace(/(?<![\r\n])$/, "\n");
  await writeFileAtomically(path, `${start}# ${heading}\n${keys.join("\n")}\n`);
}

/** Takes all devices out of the file. @throws the file system's error; then the file is as it was */
export async function emptyArchive(path: string): Promise<void> {
  await writeFileAtomically(path, HEAD);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function keyOf(text: string): string | null {
  const mac = normaliseMac(text);
  if (mac !== null) return mac;
  const address = parseAddress(text);
  return address && formatAddress(address);
}
