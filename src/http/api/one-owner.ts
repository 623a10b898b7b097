import { addDays } from "../../accounting/calendar.ts";
import { type HouseholdDocument, handsOf } from "../../household/document.ts";
import type { ApiDevice, ApiStatus, Days, Usage } from "../../shared/api.ts";
import type { HttpRequest } from "../exchange.ts";
import { earlier } from "../ranges.ts";
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

/** Usage without what was counted of everybody, and what devices became in other hands. */
export function limitedUsage(request: HttpRequest, usage: Usage, document: HouseholdDocument): Usage {
  const owner = onlyOwner(request.who);
  if (owner === null) return usage;
  const { previous } = usage;
  return {
    ...usage,
    devices: usage.devices.map((device) => limitedDevice(device, owner, document)),
    previous: previous && { ...previous, gone: previous.gone.map((device) => limitedDevice(device, owner, document)) },
    balance: NO_BALANCE,
  };
}

/** Days without what devices became in other hands. */
export function limitedDays(request: HttpRequest, days: Days, document: HouseholdDocument): Days {
  const owner = onlyOwner(request.who);
  if (owner === null) return days;
  return { ...days, devices: days.devices.map((device) => limitedDevice(device, owner, document)) };
}

/** A device that is somebody else's by now: what it is called and when it was used last, is theirs. */
function limitedDevice<Some extends ApiDevice>(device: Some, owner: number, document: HouseholdDocument): Some {
  if (device.owner === owner) return device;
  const hands = handsOf(document, device.key);
  const until = hands[hands.findLastIndex((hand) => hand.owner === owner) + 1]?.from ?? null;
  const lastDay = until === null ? device.lastDay : earlier(device.lastDay, addDays(until, -1));
  return { ...device, name: null, hostname: null, learnt: null, owner: null, lastDay };
}

/** A status without what names other devices and where the meter is. */
export function limitedStatus(owner: number | null, status: ApiStatus): ApiStatus {
  if (owner === null) return status;
  const unnamed = (meter: ApiStatus["meter"]) => ({ ...meter, url: null });
  return { ...status, meter: unnamed(status.meter), meters: status.meters.map(unnamed), problems: [], notes: [] };
}
