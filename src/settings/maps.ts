import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { formatAddress, normaliseMac, parseAddress } from "../accounting/address.ts";
import { ARCHIVE } from "../accounting/view.ts";
import { UNSAFE_CHARACTERS } from "../shared/untrusted-text.ts";
import { readArchive } from "./archive.ts";
import { joinLines, type Line, type Pair, readPairs, splitLines, withRight } from "./pairs.ts";
import { shown } from "./settings-error.ts";
import { decodeText, writeFileAtomically } from "./text-file.ts";

/** Rewrites and names from IP_MAC.txt, MAC_MAC.txt and MAC_HOST.txt, which people edit while we run. */
export interface NameBook {
  /** The name that a person gave a device (a normalised MAC, or the IP where there are no MACs); null without one. */
  nameOf(device: string): string | null;
  /**
   * Gives a device a name, or takes it away (null, or only spaces), in the file and here. The file is read again first,
   * and keeps its comments, its order, its line endings and lines that are no pair.
   * @throws NameError when the name or the device isn't valid, or the file can't be written: then nothing has changed
   */
  rename(device: string, name: string | null): Promise<void>;
  /** All names that people gave, by device. */
  all(): ReadonlyMap<string, string>;
  /** Another number as soon as any name may be another one. */
  revision(): number;
  /** Which MAC to see for an IP, and which MAC to count as another; applied once, without chains. And who is archived. */
  rewrites(): Rewrites;
  /** Reads the files that changed since they were last read; the first call reads all. Never throws. */
  reloadIfChanged(): Promise<Reloaded>;
}

export interface Rewrites {
  readonly ipMac: ReadonlyMap<string, string>;
  readonly macMac: ReadonlyMap<string, string>;
  readonly archived: ReadonlySet<string>;
}

export interface Reloaded {
  readonly changed: boolean;
  /** What was wrong in the files that changed: file, line number, what is allowed. */
  readonly warnings: readonly string[];
}

export interface NameBookFiles {
  readonly ipMacFile: string;
  readonly macMacFile: string;
  readonly macHostFile: string;
  readonly archiveFile: string;
}

/** Why a device could not be renamed, in words for the person who tried. */
export class NameError extends Error {
  override readonly name = "NameError";
  readonly code: "bad-name" | "bad-device" | "unwritable";
  constructor(code: NameError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What the one device is called that all archived ones are. */
const ARCHIVE_NAME = "Archived devices";
const NAME_LENGTH = 200;
const FILE_SIZE = 8 * 1024 * 1024;
const WARNINGS_AT_MOST = 20;

/** A name book over three files, none of which need exist. Nothing is read before `reloadIfChanged`. */
export function createNameBook(files: NameBookFiles): NameBook {
  const ipMac = createMapFile(files.ipMacFile, "ip|mac", "192.168.1.54|52:54:00:f3:a3:2b", canonicalIp, normaliseMac);
  const macMac = createMapFile(
    files.macMacFile,
    "mac|mac",
    "02:1a:2b:00:00:08|02:1a:2b:00:00:09",
    normaliseMac,
    normaliseMac,
  );
  const names = createMapFile(
    files.macHostFile,
    "mac|name",
    "02:1a:2b:00:00:08|Kitchen TV",
    canonicalDevice,
    cleanName,
  );
  const archive = createArchiveFile(files.archiveFile);
  let unreported: readonly string[] = [];
  let last: Promise<unknown> = Promise.resolve();

  /** One at a time: a reading that began before a renaming must not end after it. */
  function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = last.then(task);
    last = turn.catch(() => undefined);
    return turn;
  }

  async function rename(device: string, name: string | null): Promise<void> {
    const key = canonicalDevice(device);
    if (key === null) throw new NameError("bad-device", `${shown(device)} is neither a MAC address nor an IP address.`);
    const checked = checkName(name);
    const decoded = await names.read();
    const before = splitLines(decoded.text);
    const pairs = readPairs(before).pairs.filter((pair) => canonicalDevice(pair.left) === key);
    const after = checked === null ? withoutLines(before, pairs) : named(before, pairs, key, checked);
    const text = joinLines(after);
    if (text !== joinLines(before)) await names.write(decoded.bom ? `\uFEFF${text}` : text);
    const { warnings } = await names.reload();
    unreported = [...unreported, ...warnings];
  }

  async function reload(): Promise<Reloaded> {
    const all = [await ipMac.reload(), await macMac.reload(), await names.reload(), await archive.reload()];
    const warnings = [...unreported, ...all.flatMap((file) => file.warnings)];
    unreported = [];
    return { changed: all.some(({ changed }) => changed), warnings };
  }

  return {
    all: names.values,
    revision: names.revision,
    nameOf: (device) => names.values().get(device) ?? (device === ARCHIVE ? ARCHIVE_NAME : null),
    rename: (device, name) => inTurn(() => rename(device, name)),
    rewrites: () => ({ ipMac: ipMac.values(), macMac: macMac.values(), archived: archive.devices() }),
    reloadIfChanged: () => inTurn(reload),
  };
}

/** The last line of a device is the one that counts, so it is the one to change. */
function named(lines: Line[], pairs: Pair[], key: string, name: string): Line[] {
  const last = pairs.at(-1);
  return last?.right === name ? lines : withRight(lines, last?.line ?? null, key, name);
}

/** Every line of the device goes: an earlier one would come to life again. */
function withoutLines(lines: Line[], pairs: Pair[]): Line[] {
  const gone = new Set(pairs.map(({ line }) => line));
  return lines.filter((_, i) => !gone.has(i + 1));
}

/** One file of pairs, and what it said when it was last read. */
function createMapFile(
  path: string,
  form: string,
  example: string,
  left: (text: string) => string | null,
  right: (text: string) => string | null,
) {
  let values: ReadonlyMap<string, string> = new Map();
  let stamp: string | null = null;
  let revision = 0;
  const file = basename(path);

  async function read(): Promise<{ text: string; bom: boolean; encoding: string; stamp: string }> {
    try {
      const { mtimeNs, size, ino } = await stat(path, { bigint: true });
      if (size > FILE_SIZE) throw new Error(`has ${size} bytes, too many for a list of names`);
      return { ...decodeText(await readFile(path)), stamp: `${mtimeNs} ${size} ${ino}` };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return { text: "", bom: false, encoding: "utf-8", stamp: "missing" };
    }
  }

  async function reload(): Promise<Reloaded> {
    const seen = await stampOf(path);
    if (seen === stamp) return { changed: false, warnings: [] };
    try {
      const decoded = await read();
      stamp = decoded.stamp;
      const { map, warnings } = readMap(decoded.text);
      if (decoded.encoding === "windows-1252") {
        warnings.unshift(`${file} is not UTF-8 and was read as Windows-1252; save it as UTF-8 if letters look wrong.`);
      }
      const changed = !sameMap(values, map);
      if (changed) revision += 1;
      values = map;
      return { changed, warnings };
    } catch (error) {
      // What was known stays: a file that can't be read for a moment must not move a device's bytes to another.
      stamp = seen;
      return {
        changed: false,
        warnings: [`${path} can't be read (${(error as Error).message}); its previous content stays in use.`],
      };
    }
  }

  function readMap(text: string): { map: Map<string, string>; warnings: string[] } {
    const lines = splitLines(text);
    const { pairs, bad } = readPairs(lines);
    const map = new Map<string, string>();
    const lineOf = new Map<string, number>();
    const issues = bad.map((line): [number, string] => [line, `${shown(lines[line - 1]?.text.trim())} isn't a pair`]);
    for (const pair of pairs) {
      const [key, value] = [left(pair.left), right(pair.right)];
      const wrong = key === null ? pair.left : value === null ? pair.right : null;
      if (wrong !== null) issues.push([pair.line, `${shown(wrong)} isn't valid`]);
      if (key === null || value === null) continue;
      const earlier = lineOf.get(key);
      if (earlier !== undefined)
        issues.push([pair.line, `${shown(pair.left)} is in line ${earlier} too; this line counts`]);
      map.set(key, value);
      lineOf.set(key, pair.line);
    }
    issues.sort(([a], [b]) => a - b);
    const told = issues.slice(0, WARNINGS_AT_MOST).map(([line, problem]) => {
      const allowed = problem.endsWith("counts") ? "" : `; allowed: ${form}, e.g. ${example}`;
      return `${file}, line ${line}: ${problem}${allowed}.`;
    });
    const more = issues.length - told.length;
    return { map, warnings: more > 0 ? [...told, `${file}: ${more} more lines like these.`] : told };
  }

  return {
    values: () => values,
    revision: () => revision,
    reload,
    read: () => read().catch((error) => Promise.reject(unwritable(path, error))),
    write: (text: string) => writeFileAtomically(path, text).catch((error) => Promise.reject(unwritable(path, error))),
  };
}

/** ARCHIVED.txt, and what it said when it was last read. */
function createArchiveFile(path: string) {
  let devices: ReadonlySet<string> = new Set();
  let stamp: string | null = null;
  return {
    devices: () => devices,
    async reload(): Promise<Reloaded> {
      const seen = await stampOf(path);
      if (seen === stamp) return { changed: false, warnings: [] };
      const isFirst = stamp === null;
      stamp = seen;
      try {
        const read = await readArchive(path);
        const changed = !(isFirst && read.devices.size === 0);
        devices = read.devices;
        return { changed, warnings: read.warnings };
      } catch (error) {
        // What was known stays, as with the other files.
        const warning = `${path} can't be read (${(error as Error).message}); its previous content stays in use.`;
        return { changed: false, warnings: [warning] };
      }
    },
  };
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "missing" : `unreadable ${code}`;
  }
}

function sameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function canonicalIp(text: string): string | null {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/** A device is named by its MAC, or by its IP where the meter shows no MACs. */
function canonicalDevice(text: string): string | null {
  return normaliseMac(text) ?? canonicalIp(text);
}

/** A name as somebody wrote it into the file: what can't be shown is left out, what is too long is cut. */
function cleanName(text: string): string | null {
  const plain = text.replace(UNSAFE_CHARACTERS, "").trim();
  return plain === "" ? null : [...plain].slice(0, NAME_LENGTH).join("");
}

/** A name as it may be written; null takes it away. @throws NameError */
function checkName(name: string | null): string | null {
  const plain = name?.trim().toWellFormed() ?? "";
  const [unsafe] = plain.match(UNSAFE_CHARACTERS) ?? [];
  if (unsafe !== undefined) {
    const code = (unsafe.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
    throw new NameError(
      "bad-name",
      `A name is one line of visible text: it can't contain line breaks, control characters or invisible marks (U+${code} here).`,
    );
  }
  const length = [...plain].length;
  if (length > NAME_LENGTH) {
    throw new NameError("bad-name", `A name has at most ${NAME_LENGTH} characters; this one has ${length}.`);
  }
  return plain === "" ? null : plain;
}

function unwritable(path: string, error: unknown): NameError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    EACCES: "this program has no right to",
    EPERM: "this program has no right to",
    EROFS: "its file system is read-only",
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
    EISDIR: "it is a folder",
  };
  const reason = why[code ?? ""] ?? message;
  return new NameError("unwritable", `The name was not saved: ${path} can't be written, ${reason}.`, { cause: error });
}
