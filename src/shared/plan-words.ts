/** What may make a provider's figure and ours differ: for the server's schemas and the dashboard's texts alike. */
export const BILL_CAUSES = [
  "missed",
  "unlisted",
  "removed",
  "unmeasured",
  "estimated",
  "whole",
  "router",
  "between",
  "group",
  "headers",
  "unit",
  "zone",
  "day-earlier",
  "day-later",
  "delay",
  "excluded",
  "not-counted",
  "free",
  "only-download",
  "only-upload",
  "both",
] as const;

export type BillCause = (typeof BILL_CAUSES)[number];
