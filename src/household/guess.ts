import type { DeviceType } from "../shared/household-words.ts";

/** What speaks for a type. */
export interface Clues {
  /** Who made its network card. */
  readonly vendor: string | null;
  /** Every name that it has, by a person or from the network. Untrusted text. */
  readonly names: readonly string[];
}

type Rule = readonly [type: Exclude<DeviceType, "unknown">, words: RegExp];

/** No name is looked at beyond so many characters. */
const LOOKED_AT = 200;

/**
 * Words of names, the more telling first: a "printer" in a name says more than the "office" before it. `w` is where a word
 * may begin: names write `annas-iphone`, `LivingRoomTV` and `SM-G991B`.
 */
const BY_NAME: readonly Rule[] = [
  ["watch", /\b(?:apple ?watch|galaxy ?watch|smart ?watch|watch|fitbit|versa|garmin)\b/],
  ["tablet", /\b(?:ipad|tablet|tab [a-z]?\d+|sm t\d+\w*|kindle|fire hd)\b/],
  [
    "phone",
    /\b(?:i?phone|handy|smartphone|mobile|android [0-9a-f]{8,}|galaxy s\d+|sm [agns]\d+\w*|pixel \d\w*|oneplus|redmi|poco|xperia)\b/,
  ],
  [
    "printer",
    /\b(?:printer|drucker|laserjet|officejet|deskjet|envy|ecotank|brother|brn[0-9a-f]+|brw[0-9a-f]+|npi[0-9a-f]+|epson[0-9a-f]*|hp[0-9a-f]{6}|canon[0-9a-f]*|mfc\w*|dcp\w*)\b/,
  ],
  ["camera", /\b(?:camera|kamera|cam|ipcam|webcam|doorbell|reolink|hikvision|dahua|wyze ?cam|arlo|dafang)\d*\b/],
  [
    "console",
    /\b(?:playstation|ps[345]|xbox\w*|nintendo|switch (?:lite|oled)|nintendo switch|wii|steam ?deck|gamecube)\b/,
  ],
  [
    "tv",
    /\b(?:tv|television|fernseher|apple ?tv|bravia|webos\w*|lgweb ?os ?tv|roku|chromecast|fire ?tv|fire ?stick|aftt|shield|vizio|viera|tizen|set ?top ?box|media ?receiver|kodi|beamer|projector)\d*\b/,
  ],
  [
    "speaker",
    /\b(?:speaker|lautsprecher|sonos\w*|echo|alexa|home ?pod|google home|nest (?:mini|audio)|soundbar|bose|denon|heos|avr|airport express|music)\b/,
  ],
  ["storage", /\b(?:nas|diskstation|synology|qnap|readynas|truenas|freenas|openmediavault|omv|my ?cloud|storage)\d*\b/],
  [
    "network",
    /\b(?:router|gateway|access ?point|ap\d*|repeater|switch|fritz ?\w*|unifi|uap|usw|openwrt|mesh|deco|eero|orbi|mikrotik|powerline|dlan\w*)\b/,
  ],
  [
    "laptop",
    /\b(?:laptop|notebook|macbook\w*|mbp|mba|thinkpad|latitude|xps ?\d*|chromebook|surface|ideapad|elitebook|book)\b/,
  ],
  [
    "server",
    /\b(?:server|homelab|proxmox|pve|docker|esxi|raspberry ?pi|raspberrypi|rpi|pi hole|pihole|home ?assistant|hass\w*|ubuntu|debian|vm|backup)\d*\b/,
  ],
  [
    "computer",
    /\b(?:pc|desktop \w+|desktop|workstation|imac|mac ?mini|mac ?studio|mac ?pro|computer|rechner|tower|nuc)\d*\b/,
  ],
  [
    "smart-home",
    /\b(?:hue|bulb|lamp|light|licht|plug|steckdose|shelly\w*|tasmota\w*|esp|esp\d+\w*|esphome|sonoff|tuya\w*|thermostat|tado|nest|netatmo|roborock|roomba|vacuum|saugroboter|wled\w*|zigbee\w*|homematic|ccu\d?|bridge|sensor|meter|wallbox|inverter|washer|washing machine|fridge|oven|heating)\b/,
  ],
];

/** Vendors that make mostly one kind of thing. One that makes many, such as Samsung or Apple, says nothing. */
const BY_VENDOR: readonly Rule[] = [
  ["console", /\b(?:nintendo|sony interactive)\b/],
  ["speaker", /\b(?:sonos|bose|bang & olufsen|d&m holdings|harman)\b/],
  ["camera", /\b(?:hikvision|dahua|reolink|axis communications|arlo|wyze|ring llc|ezviz|amcrest)\b/],
  ["printer", /\b(?:brother industries|seiko epson|canon inc|lexmark|kyocera|xerox|ricoh|konica)\b/],
  ["tv", /\b(?:roku|vizio|tcl|hisense|sky uk|humax|technicolor connected home|skyworth)\b/],
  ["storage", /\b(?:synology|qnap|western digital|buffalo|netgear readynas|asustor|drobo)\b/],
  [
    "network",
    /\b(?:avm|ubiquiti|mikrotik|routerboard|tp link|netgear|d link|zyxel|cisco|aruba|ruckus|juniper|eero|devolo|linksys|draytek|lancom|sagemcom|arcadyan|arris)\b/,
  ],
  ["server", /\b(?:raspberry pi|super micro|supermicro|vmware|proxmox|hewlett packard enterprise)\b/],
  [
    "smart-home",
    /\b(?:signify|philips lighting|espressif|tuya|shelly|allterco|itead|tado|netatmo|irobot|roborock|dreame|ikea|nest labs|ecobee|lifx|osram|ledvance|gardena|bsh|miele|homematic|eq 3|sma solar|fronius)\b/,
  ],
  [
    "phone",
    /\b(?:oneplus|fairphone|motorola mobility|hmd global|vivo mobile|oppo mobile|guangdong oppo|xiaomi communications)\b/,
  ],
  ["watch", /\b(?:garmin|fitbit)\b/],
  ["computer", /\b(?:gigabyte|giga byte|asrock|micro star|asustek|pegatron|elitegroup|dell|framework)\b/],
];

/** What a device probably is: by its names, else by its vendor. `unknown` where nothing speaks for anything. */
export function guessType({ vendor, names }: Clues): DeviceType {
  for (const name of names) {
    const words = wordsOf(name);
    const rule = BY_NAME.find(([, pattern]) => pattern.test(words));
    if (rule) return rule[0];
  }
  const words = vendor === null ? "" : wordsOf(vendor);
  return BY_VENDOR.find(([, pattern]) => pattern.test(words))?.[0] ?? "unknown";
}

/** A name as words: `LivingRoom-TV.fritz.box` is "living room tv". The domain says where it is, not what. */
function wordsOf(name: string): string {
  const [host = ""] = name.slice(0, LOOKED_AT).split(/\.(?=[a-z])/);
  return host
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[^\p{L}\p{N}&]+/gu, " ")
    .replace(/^i (?=Phone|Pad|Mac)/i, "i")
    .replace(/\bi (?=Phone|Pad|Mac)/g, "i")
    .trim()
    .toLowerCase();
}
