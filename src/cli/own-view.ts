import { createView, type View } from "../accounting/view.ts";
import { recallDocument } from "../household/book.ts";
import { EMPTY_HOUSEHOLD, type HouseholdDocument } from "../household/document.ts";
import { mergesOf, routersOf as routersSaid } from "../household/merges.ts";
import { compileIpFilter, IPV4_ONLY, type IpFilter } from "../settings/ip-filter.ts";
import type { LoadedSettings } from "../settings/load.ts";
import type { Rewrites } from "../settings/maps.ts";
import type { Settings } from "../settings/table.ts";
import { DEFAULT_ADDRESSES, type DefaultAddresses, type Store, type ViewOf } from "../store/store.ts";

/** The settings as far as a view follows from them, and where they come from. */
export interface OwnSettings {
  readonly settings: Pick<Settings, "lanSegments" | "lanRouters" | "ipFilter" | "meterViews">;
  readonly origins: Pick<LoadedSettings["origins"], "IPFilter">;
}

/**
 * The view of a command: what settings and map files ask for, with what people said on the page. A command that worked
 * without the page's word would give a merged device back its parts until WhiteStat runs again.
 */
export function ownView(loaded: OwnSettings, rewrites: Rewrites, nextHops: readonly string[] = []): ViewOf {
  return async (memory) => {
    const ipFilter = await ipFilterOf(loaded, memory);
    return viewOf({ ...loaded.settings, ipFilter }, rewrites, nextHops, await recallDocument(memory));
  };
}

/** IPFilter as the settings have it; where they have none, as the store does: see {@link DefaultAddresses}. */
export async function ipFilterOf({ settings, origins }: OwnSettings, memory: Pick<Store, "recall">): Promise<IpFilter> {
  if (origins.IPFilter !== "default") return settings.ipFilter;
  const kept = await memory.recall<DefaultAddresses>(DEFAULT_ADDRESSES);
  return kept === "all" ? settings.ipFilter : compileIpFilter(IPV4_ONLY);
}

/**
 * The view that settings and map files ask for.
 * @param nextHops MACs of the next hops of this machine's default routes, where it is measured
 * @param said what people say on the page: it goes before settings and files
 */
export function viewOf(
  settings: Pick<Settings, "lanSegments" | "lanRouters" | "ipFilter" | "meterViews">,
  rewrites: Rewrites,
  nextHops: readonly string[] = [],
  said: HouseholdDocument = EMPTY_HOUSEHOLD,
): View {
  const { lanSegments, lanRouters, ipFilter, meterViews } = settings;
  const { prefixes, named } = lanSegments;
  const routers = routersSaid(said, { ...lanRouters, nextHops });
  const macMac = mergesOf(said, rewrites.macMac);
  return createView({ segments: prefixes, namedSegments: named, routers, ipFilter, meterViews, ...rewrites, macMac });
}
