/** Texts of the settings page about Home Assistant. */
export const mqttText = {
  title: "Home Assistant",
  about:
    "Name the MQTT broker that Home Assistant uses, and it shows what is used, the data plan and the devices that you choose. Nothing is sent anywhere before.",
  none: "No broker",
  bySetting: "Named by MQTT_URL, in the settings file or the environment.",
  connected: (devices: number) =>
    devices === 1
      ? "Connected. Home Assistant was told of the household."
      : `Connected. Home Assistant was told of the household and ${devices - 1} more.`,
  connecting: "Connecting…",
  notConnected: (why: string) => `Not connected: ${why}. It is tried again.`,
  setUp: "Set up",
  change: "Change",
  remove: "Remove",
  removed: "The broker was told to forget everything.",
  saved: "The broker is told what is used from now on.",
  host: "Broker",
  hostExample: "192.168.1.5, or 192.168.1.5:1884",
  tls: "TLS",
  user: "User",
  password: "Password",
  passwordKept: "unchanged",
  test: "Test",
  testing: "Testing…",
  works: "It works: the broker lets WhiteStat in.",
  fails: (why: string) => `It doesn't work: ${why}.`,
  save: "Save",
  cancel: "Cancel",
  noHost: "Enter the broker's name or address.",
  published: "Devices with entities of their own",
  publishedAbout: "Each has its usage today and in total. The household and the plan always have.",
  choices: { none: "None", all: "All (the 200 largest)", chosen: "Chosen ones" },
  chosen: "Chosen devices",
  devicesSaved: "Home Assistant is told of these devices.",
} as const;
