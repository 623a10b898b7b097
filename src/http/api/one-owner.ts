import type { ApiStatus, Usage } from "../../shared/api.ts";
import type { HttpRequest } from "../exchange.ts";
import { onlyOwner } from "../who.ts";
import type { DaysQuery, UsageQuery } from "./query-parameters.ts";

/** What is left of questions and answers for who sees one owner's figures alone (a view link). */

/** A question about an owner's figures alone, whatever was asked. */
export function limitedQuery<Query extends UsageQuery | DaysQuery>(request: HttpRequest, query: Query): Query {
  const owner = onlyOwner(request.who);
  return owner === null ? query : { ...query, owner, ...("remote" in query ? { remote: false } : {}) };
}

const NONE = { in: 0, out: 0 };
const NO_BALANCE: Usage["balance"] = {
  balanced: true,
  counted: 0,
  devices: NONE,
  hidden: NONE,
  routers: NONE,
  remote: NONE,
  group: NONE,
  unlisted: NONE,
  unattributed: NONE,
  seenShare: null,
  removed: NONE,
  missedShare: null,
  lan: 0,
};

/** Usage without what was counted of everybody. */
export function limitedUsage(request: HttpRequest, usage: Usage): Usage {
  return onlyOwner(request.who) === null ? usage : { ...usage, balance: NO_BALANCE };
}

/** A status without what names other devices and where the meter is. */
export function limitedStatus(owner: number | null, status: ApiStatus): ApiStatus {
  if (owner === null) return status;
  const unnamed = (meter: ApiStatus["meter"]) => ({ ...meter, url: null });
  return { ...status, meter: unnamed(status.meter), meters: status.meters.map(unnamed), problems: [], notes: [] };
}
