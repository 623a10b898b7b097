import type { networkInterfaces } from "node:os";

/** Bridges and cables of containers and virtual machines: nobody else is there. */
const VIRTUAL = /^(?:docker|br-|veth|virbr|vnet|cni|podman|lxc|lxd|flannel|cali)/;
const MOST = 3;

/**
 * Where the dashboard is found, best first: an address that other devices can use, since a board without a screen has no
 * use for `localhost`, then this machine's own.
 * @param listenAddress null for every address
 */
export function dashboardAddresses(
  { port, listenAddress, basePath }: { port: number; listenAddress: string | null; basePath: string },
  interfaces: ReturnType<typeof networkInterfaces>,
): string[] {
  const url = (host: string) => `http://${host.includes(":") ? `[${host}]` : host}:${port}${basePath}/`;
  const isEvery = listenAddress === null || listenAddress === "0.0.0.0" || listenAddress === "::";
  if (!isEvery) return [url(listenAddress)];
  const found = Object.entries(interfaces).flatMap(([name, addresses]) =>
    VIRTUAL.test(name) ? [] : (addresses ?? []).filter(({ internal }) => !internal),
  );
  const v4 = found.filter(({ family, address }) => family === "IPv4" && !address.startsWith("169.254."));
  const v6 = found.filter(({ family, address }) => family === "IPv6" && !address.startsWith("fe80:"));
  const reachable = v4.length > 0 ? v4 : listenAddress === "0.0.0.0" ? [] : v6;
  return [...reachable.slice(0, MOST).map(({ address }) => url(address)), url("localhost")];
}
