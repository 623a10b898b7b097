/** What is said when an answer doesn't come, or isn't what was asked for: a sentence, and what to do. */
export const failureText = {
  unreachable: { message: "Can't reach WhiteStat.", hint: "Is it running, and is this device on its network?" },
  unreadable: (status: number) => ({
    message: `Unexpected response (HTTP ${status}).`,
    hint: "If there is a proxy in between, check it.",
  }),
  signedOut: { message: "You aren't signed in.", hint: "Sign in in another tab, then try again here." },
  outdated: "Part of the dashboard couldn't be loaded. WhiteStat may have been updated.",
  reload: "Reload the page",
  notSaved: "The setting couldn't be saved.",
  noNames: "The sources of names can't be shown.",
  noHousehold: "Owners and devices can't be shown.",
  noSettings: "The settings can't be shown.",
  noUsage: "The figures can't be shown.",
  noDays: "The days can't be shown.",
  noDevice: "The device can't be shown.",
} as const;
