/** Texts of people and their devices: owners, types, and what is changed on them. */
import type { DeviceType } from "../wire.ts";

const TYPES: Readonly<Record<DeviceType, string>> = {
  phone: "Phone",
  tablet: "Tablet",
  laptop: "Laptop",
  computer: "Computer",
  tv: "TV",
  speaker: "Speaker",
  console: "Game console",
  camera: "Camera",
  printer: "Printer",
  watch: "Watch",
  "smart-home": "Smart home",
  storage: "Storage",
  server: "Server",
  network: "Network device",
  other: "Other",
  unknown: "Unknown",
};

/** Of the colours of the charts, 1 to 7, in either theme. */
const COLOURS = ["Blue", "Amber", "Green", "Orange", "Sky", "Orchid", "Plum"] as const;

export const householdText = {
  undone: (text: string) => `Undone: ${text}`,
  nothingUndone: "There was nothing to undo.",

  types: TYPES,
  guessed: (type: string) => `${type} (guess)`,
  colours: COLOURS,
  nobody: "Nobody",

  owners: "Owners",
  ownersAbout: "People whose devices belong together. What is changed here holds for the past as well.",
  noOwners: "No owners yet. Add the people of your home, then say whose each device is.",
  devices: (count: number) => (count === 1 ? "1 device" : `${count} devices`),
  addOwner: "Add owner",
  edit: (name: string) => `Edit ${name}`,
  delete: (name: string) => `Delete ${name}`,
  deleteShort: "Delete",
  editShort: "Edit",
  ownerName: "Name",
  colour: "Colour",
  save: "Save",
  cancel: "Cancel",

  allDevices: "Devices",
  searchDevices: "Search devices",
  ownerOfDevice: (name: string) => `Owner of ${name}`,
  typeOfDevice: (name: string) => `Type of ${name}`,
  columns: { device: "Device", owner: "Owner", type: "Type", last: "Last seen" },
  noDevices: "No devices yet.",
  noMatch: "No device matches.",
  showAll: (count: number) => `Show all ${count} devices`,
  hidden: "hidden",
  archived: "archived",

  changes: "Recent changes",
  changesAbout: "Each can be undone for seven days.",
  noChanges: "Nothing was changed in the last seven days.",
  undo: "Undo",
  undoOf: (text: string) => `Undo: ${text}`,
  wasUndone: "undone",

  removals: "Deleted figures",
  removal: (device: string, days: string, bytes: string) => `${device}, ${days}: ${bytes}`,
  restore: "Restore",
  restoreOf: (what: string) => `Restore ${what}`,

  routers: "Routers",
  routersAbout: "A router's own traffic isn't listed: it carries that of the others.",
  noRouters: "No router was found yet.",
  isRouter: "router",
  isNone: "no router",
  because: {
    said: "said here",
    setting: "by LAN_ROUTERS_TO_SKIP",
    nextHop: "this machine's way to the internet",
    found: (networks: string, since: string) => `carries ${networks} foreign networks, since ${since}`,
    found0: (since: string) => `a network of the LAN is behind it, since ${since}`,
  },
  noRouter: "This is no router",
  aRouter: "This is a router",
  asFound: "Decide by what it carries",
} as const;
