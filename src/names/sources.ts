import { ValidationError } from "../settings/validation-error.ts";
import type { Store } from "../store/store.ts";

/** Where names are looked for, as a person chose it on the page. It is kept in the store, passwords with it. */
export interface NameSettings {
  readonly files: { readonly on: boolean };
  readonly mdns: { readonly on: boolean };
  readonly pihole: { readonly on: boolean; readonly url: string; readonly password: string | null };
  readonly adguard: {
    readonly on: boolean;
    readonly url: string;
    readonly user: string | null;
    readonly password: string | null;
  };
}

/** What is read on this machine is read; what would be asked over the network is asked when somebody wants it. */
export const DEFAULT_SOURCES: NameSettings = {
  files: { on: true },
  mdns: { on: false },
  pihole: { on: false, url: "", password: null },
  adguard: { on: false, url: "", user: null, password: null },
};

/** What a person changes; what is left out stays. */
export interface NameSettingsChange {
  readonly files?: { readonly on?: boolean | undefined } | undefined;
  readonly mdns?: { readonly on?: boolean | undefined } | undefined;
  readonly pihole?: ApiChange | undefined;
  readonly adguard?: (ApiChange & { readonly user?: string | null | undefined }) | undefined;
}
interface ApiChange {
  readonly on?: boolean | undefined;
  readonly url?: string | undefined;
  readonly password?: string | null | undefined;
}

/**
 * The settings after a change. A password goes to no other address, and to no other user, than it was given for: where one
 * of these changes and no password comes along, there is none any more.
 * @throws ValidationError in words for a person
 */
export function changeSources(before: NameSettings, change: NameSettingsChange): NameSettings {
  const after: NameSettings = {
    files: { on: change.files?.on ?? before.files.on },
    mdns: { on: change.mdns?.on ?? before.mdns.on },
    pihole: changeApi(before.pihole, change.pihole ?? {}, "Pi-hole", "http://192.168.1.2"),
    adguard: changeApi(before.adguard, change.adguard ?? {}, "AdGuard Home", "http://192.168.1.2:3000"),
  };
  return after;
}

function changeApi<Api extends NameSettings["pihole"] | NameSettings["adguard"]>(
  before: Api,
  change: ApiChange & { readonly user?: string | null | undefined },
  what: string,
  example: string,
): Api {
  const url = change.url === undefined ? before.url : addressOf(change.url, what, example);
  const user = !("user" in before) ? null : change.user === undefined ? before.user : change.user?.trim() || null;
  const isSame = url === before.url && (!("user" in before) || user === before.user);
  const password = change.password === undefined ? (isSame ? before.password : null) : change.password || null;
  const on = change.on ?? before.on;
  if (on && url === "") throw new ValidationError(`${what} needs an address, e.g. ${example}`);
  if (password !== null && password.length > 1_000) throw new ValidationError(`The password of ${what} is too long`);
  if (user !== null && (user.length > 200 || user.includes(":"))) {
    throw new ValidationError(`The user of ${what} has at most 200 characters, and no colon`);
  }
  return { ...before, on, url, password, ...("user" in before ? { user } : {}) };
}

/** An address as it is kept: without a password, which has a field of its own, and what stands behind the path. */
function addressOf(text: string, what: string, example: string): string {
  const plain = text.trim();
  if (plain === "") return "";
  const url = plain.length <= 500 && URL.canParse(plain) ? new URL(plain) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ValidationError(`The address of ${what} must begin with http:// or https://, e.g. ${example}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new ValidationError(
      `The address of ${what} can't have a user or a password in it: they have fields of their own`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Name under which the store remembers them. */
const MEMORY = "name-sources";

/** @throws StoreError */
export async function keptSources(store: Pick<Store, "recall">): Promise<NameSettings> {
  return sourcesFromJson(await store.recall(MEMORY));
}

/** @throws StoreError */
export async function keepSources(store: Pick<Store, "remember">, settings: NameSettings): Promise<void> {
  await store.remember(MEMORY, settings);
}

/** What of them is no secret, as a change that makes others so. */
export function withoutPasswords({ files, mdns, pihole, adguard }: NameSettings): NameSettingsChange {
  const { password: _, ...ofPihole } = pihole;
  const { password: __, ...ofAdguard } = adguard;
  return { files, mdns, pihole: ofPihole, adguard: ofAdguard };
}

/** What the store remembered, over what is so by default. */
export function sourcesFromJson(value: unknown): NameSettings {
  const known = (typeof value === "object" && value !== null ? value : {}) as NameSettingsChange;
  try {
    return changeSources(DEFAULT_SOURCES, known);
  } catch {
    return DEFAULT_SOURCES;
  }
}
