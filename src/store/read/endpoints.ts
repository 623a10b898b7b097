import type { Day } from "../../accounting/types.ts";
import type { Engine } from "../engine/engine.ts";

/** What questions need to know of an endpoint, apart from its bytes. */
export interface EndpointInfo {
  readonly device: number | null;
  readonly reported: boolean;
  readonly address: number;
  readonly ip: string;
  readonly hostname: string | null;
  readonly mac: string;
}

type Cells = [
  id: number,
  device: number | null,
  reported: number,
  address: number,
  ip: string,
  hostname: string | null,
  mac: string,
];

/** Columns that make an endpoint one of a device (routers too), or of a host on the internet. */
export const OF_DEVICES = "device IS NOT NULL";
export const OF_INTERNET = "role = 'internet'";

/**
 * The endpoints that were used in a range of days, by id. Asked for apart from the rows of usage, which then have a third
 * of the columns: what costs is handing cells over, not looking them up.
 */
export async function endpointsBetween(
  engine: Engine,
  from: Day,
  to: Day,
  which: typeof OF_DEVICES | typeof OF_INTERNET,
): Promise<Map<number, EndpointInfo>> {
  const rows = await engine.tuples<Cells>(
    `SELECT e.id, e.device, e.reported, e.address, a.ip, a.hostname, i.mac
     FROM endpoint e JOIN address a ON a.id = e.address JOIN interface i ON i.id = e.interface
     WHERE e.${which} AND e.first_day <= ? AND e.last_day >= ?`,
    to,
    from,
  );
  return new Map(
    rows.map(([id, device, reported, address, ip, hostname, mac]) => [
      id,
      { device, reported: reported === 1, address, ip, hostname, mac },
    ]),
  );
}

/** As a condition on `endpoint` in a query of rows of usage. */
export function ofEndpoints(which: typeof OF_DEVICES | typeof OF_INTERNET): string {
  return `endpoint IN (SELECT id FROM endpoint WHERE ${which})`;
}
