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
    title: count === 1 ? "The same device, listed twice?" : `${count} devices listed more than once?`,
    text: "Their private MAC address has probably changed.",
  }),
  look: "Review",
} as const;
