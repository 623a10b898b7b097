import { normaliseMac } from "../accounting/address.ts";
import { UNSAFE_CHARACTERS } from "../shared/untrusted-text.ts";
import type { Device, Store } from "../store/store.ts";
import { HttpProblem } from "./errors.ts";

/** Bytes of a request's body: more than any name could make it. */
export const MAX_BODY = 64 * 1024;
const MAX_NAME = 200;

/** The names that people gave their devices, by device key. */
export interface Names {
  nameOf(key: string): string | null;
  /** Gives a name, or with null takes it back. Rejects when it can't be saved. */
  rename(key: string, name: string | null): Promise<void>;
}

export interface NamingDeps {
  readonly store: Pick<Store, "devices">;
  readonly names: Names;
}

/** A device key as people and programs write it: a MAC in any spelling, or an address. */
export function readDeviceKey(text: string): string {
  const trimmed = text.trim();
  return normaliseMac(trimmed) ?? trimmed.toLowerCase();
}

/**
 * A name for a device; null, an empty one and `(none)` are none. The names live in a file of lines, so it must be one line.
 * @throws HttpProblem `bad-name`
 */
export function checkName(text: string | null): string | null {
  if (text === null) return null;
  const name = text.trim();
  const [unsafe] = name.match(UNSAFE_CHARACTERS) ?? [];
  if (unsafe !== undefined || !name.isWellFormed()) {
    const code = unsafe?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    throw new HttpProblem(
      "bad-name",
      "A name is one line of visible text: it can't contain line breaks, control characters or invisible marks.",
      code === undefined ? "It has half a character in it." : `Remove the character U+${code}.`,
    );
  }
  if ([...name].length > MAX_NAME) throw new HttpProblem("bad-name", `A name has at most ${MAX_NAME} characters.`);
  return name === "" || name === "(none)" ? null : name;
}

/**
 * Gives a device a name, or with null takes it back. Returns the device.
 * @throws HttpProblem `unknown-device`, `not-saved`
 */
export async function giveName({ store, names }: NamingDeps, key: string, name: string | null): Promise<Device> {
  const device = (await store.devices()).find(({ interfaces }) => interfaces.includes(key));
  if (!device) throw unknownDevice(key);
  try {
    await names.rename(device.key, name);
  } catch (cause) {
    throw new HttpProblem(
      "not-saved",
      `The name could not be saved${errnoOf(cause)}.`,
      "See that the data folder and MAC_HOST.txt in it can be written and the disk has room, then try again.",
      { cause },
    );
  }
  return device;
}

/** What to say of a key that no device has. */
export function unknownDevice(key: string): HttpProblem {
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  return new HttpProblem(
    "unknown-device",
    `No device ${shown} was ever seen.`,
    "GET /json lists the devices of today with their MACs.",
  );
}

/** The system's word for what went wrong, e.g. ` (ENOSPC)`; paths stay out of answers. */
function errnoOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? ` (${code})` : "";
}
