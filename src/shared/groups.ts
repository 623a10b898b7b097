/*
 * Words that a query of the API may have for a parameter. Apart from the schemas, which the server only reads when
 * somebody asks for them.
 */

/** What figures may be grouped by. */
export const GROUPS = ["hour", "day", "month"] as const;

/** What a range may be compared with: as many days before it, or the month before. */
export const COMPARISONS = ["days", "month"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What devices may be taken together by. */
export const BYS = ["device", "owner", "type", "network", "source"] as const;
export type By = (typeof BYS)[number];

/** Which traffic is asked for: with whom the bytes were exchanged. */
export const TRAFFICS = ["all", "internet", "lan"] as const;
export type TrafficChoice = (typeof TRAFFICS)[number];
