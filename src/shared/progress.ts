/**
 * Told how far long work has come: by an import, an upgrade, an export. Called as often as suits the work; who listens
 * decides how much of it is shown.
 * @param step what is being done, as a person reads it: `Reading usagehistory`
 * @param done how much of it is done, in a unit of the work's own
 * @param total how much there is; null where nobody knows
 */
export type OnProgress = (step: string, done: number, total: number | null) => void;
