/** Texts of the totals, and of what stands in the place of figures. */
export const overviewText = {
  unavailable: (days: string) => `Figures for ${days} can't be shown at the moment.`,
  totals: "Totals",
  download: "Download",
  upload: "Upload",
  total: "Total",
  activeDevices: "Active devices",
  noEarlierData: "no earlier data",
  /** `than` is one of `earlier`. */
  versus: (than: string, before: string) => `vs. ${than} (${before})`,
  nothing: (than: string) => `nothing ${than}`,
  same: (than: string) => `same as ${than}`,
  more: (count: string, than: string) => `${count} more than ${than}`,
  fewer: (count: string, than: string) => `${count} fewer than ${than}`,
  earlier: {
    yesterday: "yesterday",
    dayBefore: "the day before",
    days: (count: number) => `previous ${count} days`,
    month: "previous month",
    monthToDate: "last month",
    /** Where only a part of the earlier range counts, as today is not over. */
    atThisTime: (than: string) => `${than} at this time`,
  },
} as const;
