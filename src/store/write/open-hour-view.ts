import type { OpenHour, OpenUsage } from "../open-hour.ts";
import type { LedgerState } from "./load.ts";
import type { EndpointState, SourceState } from "./state.ts";

/** The ledger's state as questions see it. */
export function openHourOf(
  state: LedgerState,
  isAsked: (source: SourceState) => boolean = () => true,
  isMeant: (endpoint: EndpointState) => boolean = () => true,
): OpenHour {
  const asked = [...state.sources.values()].filter(isAsked);
  return {
    usage(from, to) {
      const usage: OpenUsage[] = [];
      for (const { hour, open } of asked) {
        if (hour === null || hour.day < from || hour.day > to) continue;
        for (const endpoint of open) {
          if ((endpoint.in > 0 || endpoint.out > 0) && isMeant(endpoint)) usage.push(usageOf(endpoint, hour));
        }
      }
      return usage;
    },
    counts: (from, to) =>
      asked.flatMap(({ id, hour, counts }) =>
        hour === null || hour.day < from || hour.day > to ? [] : [{ source: id, day: hour.day, ...counts }],
      ),
    interfaceOf: (id) => state.interfacesById.get(id),
    interfaces: () => state.interfaces.values(),
    isRouter: ({ mac }) => state.routers.has(mac),
    sources: () => [...state.sources.values()],
    hostnameOf: (address) => state.touchedAddresses.get(address)?.hostname ?? null,
  };
}

function usageOf(endpoint: EndpointState, { day, hour }: { day: string; hour: number }): OpenUsage {
  const { id, source, address, interface: own, role, device, reported, firstDay } = endpoint;
  return {
    source: source.id,
    endpoint: id,
    day,
    hour,
    address: address.id,
    ip: address.ip,
    hostname: address.hostname,
    mac: own.mac,
    heldBy: endpoint.heldBy,
    role,
    device,
    reported,
    firstDay: firstDay ?? day,
    in: endpoint.in,
    out: endpoint.out,
    lastSeen: endpoint.lastSeen,
    counterIn: endpoint.counterIn,
    counterOut: endpoint.counterOut,
  };
}
