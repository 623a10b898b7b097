/** What a device can be, as people see it. `unknown`: nothing speaks for any of the others. */
export const DEVICE_TYPES = [
  "phone",
  "tablet",
  "laptop",
  "computer",
  "tv",
  "speaker",
  "console",
  "camera",
  "printer",
  "watch",
  "smart-home",
  "storage",
  "server",
  "network",
  "other",
  "unknown",
] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

/** Owners have a colour of the charts' palette, 1 to so many. */
export const OWNER_COLOURS = 7;
