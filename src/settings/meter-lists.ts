import { interfaceNames, webAddress } from "./kinds.ts";
import { shown } from "./settings-error.ts";
import { ValidationError } from "./validation-error.ts";

/** A darkstat to read. Its name is null where it is the only one, and nobody named it. */
export interface NamedAddress {
  readonly name: string | null;
  readonly url: string;
}

/** Interfaces that one meter counts on. */
export interface InterfaceGroup {
  readonly name: string | null;
  readonly devices: readonly string[];
}

const NAME = /^[a-z\d][a-z\d-]{0,30}$/i;
const NAMES_ARE = "1 to 31 letters, digits and hyphens";

/**
 * One address, or several with names: `home=http://192.168.1.5:667|guest=http://192.168.2.5:667`.
 * @throws ValidationError
 */
export function darkstatAddresses(text: string): NamedAddress[] {
  // A | may stand within an address; one that begins another entry has an address after it.
  const entries = text
    .split(/\|(?=\s*(?:[^\s=:/|]*\s*=\s*)?[a-z][a-z\d+.-]*:\/\/)/i)
    .map(parseEntry)
    .flatMap(({ name, rest }): NamedAddress[] => {
      const url = webAddress(rest);
      if (url === null && name !== null) throw new ValidationError(`${shown(name)} has no address`);
      return url === null ? [] : [{ name, url }];
    });
  checkNamed(entries, "home=http://192.168.1.5:667|guest=http://192.168.2.5:667");
  const names = new Map<string, string>();
  for (const { name, url } of entries) {
    const known = names.get(url);
    if (known !== undefined) throw new ValidationError(`${shown(known)} and ${shown(name ?? "")} are the same address`);
    names.set(url, name ?? "");
  }
  const twice = entries.find(({ name }, at) => entries.findIndex((other) => isSameName(other.name, name)) < at);
  if (twice !== undefined) throw new ValidationError(`${shown(twice.name ?? "")} names two addresses`);
  return entries;
}

/**
 * Interfaces of one meter (`br0|eth2`), or of several with names (`lan=br-lan|guest=br-guest`): those of one name are one's.
 * @throws ValidationError
 */
export function measuredInterfaces(text: string): InterfaceGroup[] {
  const entries = text
    .split("|")
    .map(parseEntry)
    .flatMap(({ name, rest }) => {
      const devices = interfaceNames(rest);
      if (devices.length === 0 && name !== null) throw new ValidationError(`${shown(name)} has no interface`);
      return devices.length === 0 ? [] : [{ name, devices }];
    });
  if (entries.some(({ name }) => name !== null)) checkNamed(entries, "lan=br-lan|guest=br-guest");
  const groups: { name: string | null; devices: string[] }[] = [];
  for (const { name, devices } of entries) {
    const group = groups.find((one) => isSameName(one.name, name));
    if (group === undefined) groups.push({ name, devices: [...devices] });
    else group.devices.push(...devices);
  }
  const all = groups.flatMap(({ devices }) => [...new Set(devices)]);
  const twice = all.find((device, at) => all.indexOf(device) < at);
  if (twice !== undefined) throw new ValidationError(`${shown(twice)} has two names: its packets would count twice`);
  return groups;
}

/** Names of meters, separated by |. @throws ValidationError */
export function meterNames(text: string): string[] {
  const names = text
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  for (const name of names) checkName(name);
  return [...new Set(names)];
}

/** The name before a `=`, if there is one: no address and no interface begins like that. */
function parseEntry(text: string): { name: string | null; rest: string } {
  const [, name, rest] = /^\s*([^=:/]*?)\s*=(.*)$/s.exec(text) ?? [];
  if (name === undefined || rest === undefined) return { name: null, rest: text };
  checkName(name);
  return { name, rest };
}

function checkName(name: string): void {
  if (!NAME.test(name)) throw new ValidationError(`${shown(name)} is no name of a meter: ${NAMES_ARE}`);
}

function checkNamed(entries: readonly { readonly name: string | null }[], example: string): void {
  if (entries.length < 2 || entries.every(({ name }) => name !== null)) return;
  throw new ValidationError(`lists several, of which not all have a name; write ${example}`);
}

function isSameName(one: string | null, other: string | null): boolean {
  return one?.toLowerCase() === other?.toLowerCase();
}
