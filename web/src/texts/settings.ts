/** Texts of the settings page. */
export const settingsText = {
  title: "Settings",
  loading: "Loading…",
  unavailable: "Settings can't be shown",
  back: "Back to the figures",
  sections: "Sections of this page",

  figures: "Figures",
  ipv6: "Include IPv6",
  ipv6About: "Count traffic at IPv6 addresses in all figures, for past days as well.",
  ipv6Filtered:
    "IPFilter is a pattern of your own, which the switch would replace. Change it in the settings file, then restart WhiteStat.",
  ipv6Switched: { included: "IPv6 is included in all figures.", excluded: "IPv6 is excluded from all figures." },
  units: "Units",
  unitsAbout: "For this browser.",

  houseUnits: "Units for browsers without a choice",
  houseUnitsNone: "Default: MB, GB",

  network: "Network",
  segments: "Networks of the LAN",
  segmentsAuto: "Private addresses belong to the LAN, and so do the networks listed here.",
  segmentsFixed: "Only the networks listed here belong to the LAN.",
  noSegments: "None yet",
  found: "found",
  named: "named in LAN_SEGMENT_MASKS",

  process: "Process",
  processAbout: (file: string) =>
    `Read when WhiteStat starts. Change them in ${file} on the machine that runs it, or as environment variables where nothing is said there, then restart WhiteStat.`,
  processCount: (all: number, changed: number) => `${all} settings, ${changed} of them changed`,
  columns: { key: "Setting", value: "Value", origin: "From", about: "Meaning" },
  empty: "empty",
  allowed: (allowed: string) => `Allowed: ${allowed}.`,
} as const;
