import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { normaliseMac } from "../accounting/address.ts";
import type { Store } from "../store/store.ts";
import { HttpProblem } from "./errors.ts";

/** Bytes of a request's body. */
const MAX_BODY = 64 * 1024;
const MAX_NAME = 200;

const KEY_FIELDS = ["mac", "key", "device", "ip"];
const NAME_FIELDS = ["hostname", "name", "host"];

/** The names that people gave their devices, by device key. */
export interface Names {
  nameOf(key: string): string | null;
  /** Gives a name, or with null takes it back. Rejects when it can't be saved. */
  rename(key: string, name: string | null): Promise<void>;
}

export interface RenameDeps {
  readonly store: Pick<Store, "devices">;
  readonly names: Names;
}

/**
 * `POST /json/hostname` with `{"mac": "02:1a:2b:00:00:05", "hostname": "Anna's phone"}`. Field names may be written in
 * any case; `key`, `device` or `ip` do for `mac`, and `name` or `host` for `hostname`. An empty name, `(none)` or null
 * takes the name back. Answers with the device's key and the name it now has.
 */
export function mountRename(site: Hono, { store, names }: RenameDeps): void {
  const limit = bodyLimit({
    maxSize: MAX_BODY,
    onError: () => {
      throw new HttpProblem("too-large", `The body is larger than ${MAX_BODY} bytes.`);
    },
  });
  site.post("/json/hostname", limit, async (c) => {
    const fields = readFields(await c.req.text());
    const key = readKey(fields);
    const name = readName(fields);
    const device = (await store.devices()).find((known) => known.key === key);
    if (!device) {
      throw new HttpProblem(
        "unknown-device",
        `No device ${key} was ever seen.`,
        "GET /json lists the devices of today with their MACs.",
      );
    }
    try {
      await names.rename(key, name);
    } catch (cause) {
      throw new HttpProblem(
        "not-saved",
        `The name could not be saved${errnoOf(cause)}.`,
        "See that the data folder and MAC_HOST.txt in it can be written and the disk has room, then try again.",
        { cause },
      );
    }
    return c.json({ mac: key, hostname: names.nameOf(key) ?? device.hostname ?? "(none)" });
  });
}

function readFields(text: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpProblem(
      "bad-json",
      "The body is not a JSON object.",
      'Send for example {"mac": "02:1a:2b:00:00:05", "hostname": "Anna\'s phone"}',
    );
  }
  return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
}

function readKey(fields: ReadonlyMap<string, unknown>): string {
  const field = KEY_FIELDS.find((name) => fields.has(name));
  const value = field === undefined ? undefined : fields.get(field);
  if (typeof value !== "string" || value.trim() === "" || value.length > 64) {
    throw new HttpProblem("bad-device", "The field mac is missing.", 'Name the device: "mac": "02:1a:2b:00:00:05"');
  }
  return normaliseMac(value.trim()) ?? value.trim().toLowerCase();
}

/** A name for the device, null to take it back. The names live in a file of lines, so it must be one line. */
function readName(fields: ReadonlyMap<string, unknown>): string | null {
  const field = NAME_FIELDS.find((name) => fields.has(name));
  const value = field === undefined ? undefined : fields.get(field);
  if (value === null) return null;
  if (typeof value !== "string") {
    throw new HttpProblem("bad-name", "The field hostname is missing.", 'Give a name: "hostname": "Anna\'s phone"');
  }
  const name = value.trim();
  if (/\p{Cc}|[\u2028\u2029]/u.test(name) || !name.isWellFormed()) {
    throw new HttpProblem("bad-name", "A name is one line of text without control characters.");
  }
  if ([...name].length > MAX_NAME) throw new HttpProblem("bad-name", `A name has at most ${MAX_NAME} characters.`);
  return name === "" || name === "(none)" ? null : name;
}

/** The system's word for what went wrong, e.g. ` (ENOSPC)`; paths stay out of answers. */
function errnoOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? ` (${code})` : "";
}
