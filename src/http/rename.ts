import { HttpProblem } from "./errors.ts";
import { jsonResponse } from "./exchange.ts";
import { checkName, giveName, MAX_BODY, type NamingDeps, readDeviceKey } from "./naming.ts";
import type { Route } from "./router.ts";

const KEY_FIELDS = ["mac", "key", "device", "ip"];
const NAME_FIELDS = ["hostname", "name", "host"];

/**
 * `POST /json/hostname` with `{"mac": "02:1a:2b:00:00:05", "hostname": "Anna's phone"}`. Field names may be written in
 * any case; `key`, `device` or `ip` do for `mac`, and `name` or `host` for `hostname`. An empty name, `(none)` or null
 * takes the name back. Answers with the device's key and the name it now has.
 */
export function renameRoutes(deps: NamingDeps): Route[] {
  return [
    {
      method: "POST",
      path: "/json/hostname",
      light: true,
      async handle(request) {
        const fields = readFields(await request.text(MAX_BODY));
        const key = readKey(fields);
        const device = await giveName(deps, key, readName(fields));
        return jsonResponse({ mac: key, hostname: deps.names.nameOf(key) ?? device.hostname ?? "(none)" }, {});
      },
    },
  ];
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
  return readDeviceKey(value);
}

function readName(fields: ReadonlyMap<string, unknown>): string | null {
  const field = NAME_FIELDS.find((name) => fields.has(name));
  const value = field === undefined ? undefined : fields.get(field);
  if (typeof value === "string" || value === null) return checkName(value);
  throw new HttpProblem("bad-name", "The field hostname is missing.", 'Give a name: "hostname": "Anna\'s phone"');
}
