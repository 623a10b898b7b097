import type { HouseholdDocument } from "./document.ts";

/**
 * The interface that another counts as: the page's word goes before that of MAC_MAC.txt, which is applied once and without
 * chains, as ever. What the page merges into a device goes where that device goes.
 * @param file the lines of MAC_MAC.txt: the first counts as the second
 */
export function targetOf(
  { merges }: Pick<HouseholdDocument, "merges">,
  file: ReadonlyMap<string, string>,
  mac: string,
): string {
  const onPage = (of: string) => (Object.hasOwn(merges, of) ? merges[of] : undefined);
  let target = onPage(mac) ?? file.get(mac) ?? mac;
  const seen = new Set([mac]);
  for (;;) {
    const next = onPage(target);
    if (next === undefined || next === target) return target;
    // The file may close a circle that the page alone does not have: then the first of them by its text is the device.
    if (seen.has(target)) return [...seen].sort()[0] ?? target;
    seen.add(target);
    target = next;
  }
}

/** All merges that hold, for a view: those of MAC_MAC.txt with the page's word on top. */
export function mergesOf(
  document: Pick<HouseholdDocument, "merges">,
  file: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const words = Object.keys(document.merges);
  if (words.length === 0) return file;
  const all = new Map<string, string>();
  for (const mac of new Set([...file.keys(), ...words])) {
    const target = targetOf(document, file, mac);
    if (target !== mac) all.set(mac, target);
  }
  return all;
}

/** Routers by the settings, with the page's word on top. */
export function routersOf<Routers extends { readonly macs: readonly string[]; readonly none?: readonly string[] }>(
  { routers }: Pick<HouseholdDocument, "routers">,
  settings: Routers,
): Routers & { readonly macs: readonly string[]; readonly none: readonly string[] } {
  const said = Object.keys(routers).sort();
  const isSaid = (mac: string) => Object.hasOwn(routers, mac);
  return {
    ...settings,
    macs: [...settings.macs.filter((mac) => !isSaid(mac)), ...said.filter((mac) => routers[mac])],
    none: [...(settings.none ?? []).filter((mac) => !isSaid(mac)), ...said.filter((mac) => !routers[mac])],
  };
}
