/** Texts of what is unusual today: a sentence each, with the device's name where `name` stands. */
export const unusualText = {
  title: "Unusual today",
  what: {
    download: (bytes: string, when: string) => `downloaded ${bytes} ${when};`,
    upload: (bytes: string, when: string) => `uploaded ${bytes} ${when};`,
  },
  since: (time: string) => `since ${time}`,
  between: (from: string, to: string) => `between ${from} and ${to}`,
  usually: (bytes: string) => `usually ${bytes}.`,
  grew: "Grew at the same time:",
  host: (bytes: string) => `(${bytes})`,
} as const;
