/** Texts of the comparison with another plan. */
export const whatIfText = {
  back: "Back to the figures",
  intro: "What the same past would have used and cost under another plan. Nothing of it is saved.",
  fee: "Price per cycle",
  ownFee: "Your plan's price",
  from: "Look at",
  ranges: { year: "The last year", all: "All data" },
  compare: "Compare",
  failed: "The plans couldn't be compared.",
  wrongFee: "A price is a number from 0 to 1,000,000.",

  own: "Your plan",
  other: "The other plan",
  perMonth: "Per month",
  sum: (cycles: number) => (cycles === 1 ? "1 finished cycle" : `${cycles} finished cycles`),
  verdicts: {
    cheaper: (amount: string) => `The other plan would have cost ${amount} less per month.`,
    dearer: (amount: string) => `The other plan would have cost ${amount} more per month.`,
    same: "Both plans would have cost the same.",
    unknown: "No cycle of both plans has finished since the data began.",
    unpriced: "To compare costs, enter a price for both plans.",
    currencies: "The two plans have different currencies.",
  },
  overs: (over: number, cycles: number) => `Over its allowance in ${over} of ${cycles} finished cycles.`,
  terms: {
    unlimited: "no limit",
    over: (price: string, unit: string) => `${price} per ${unit} over`,
    fee: (price: string) => `${price} per cycle`,
  },

  columns: { cycle: "Cycle", used: "Used", free: "Free", over: "Over", cost: "Cost" },
  incomplete: "not complete",
  estimated: (days: number) => `${days === 1 ? "1 day" : `${days} days`}: free hours estimated`,
  total: "Total of finished cycles",

  print: "Print",
  csv: "Export CSV",
  csvFile: (from: string, to: string) => `whitestat-plans-${from}-to-${to}.csv`,
  csvColumns: ["Plan", "From", "To", "Used (bytes)", "Free (bytes)", "Over (bytes)", "Cost", "Currency", "Remark"],
} as const;
