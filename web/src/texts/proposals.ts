/** Texts of devices that look like one: a phone that changes its private MAC, most often. */
export const proposalText = {
  title: "The same device?",
  about:
    "Phones and laptops may use a new private MAC address from time to time. These look like one device each; merging adds up their figures, and can be undone.",
  heading: (name: string, count: number) => `${name}: ${count} devices that look like one`,
  days: (first: string, last: string) => `${first} to ${last}`,
  merge: "Merge",
  mergeOf: (name: string) => `Merge: ${name}`,
  notSame: "Not the same",
  notSameOf: (name: string) => `Not the same: ${name}`,

  hint: (count: number) => ({
    title: count === 1 ? "Some devices look like one:" : `Some devices look like one, ${count} times:`,
    text: "a private MAC address that changed, most likely.",
  }),
  look: "Look at them",
} as const;
