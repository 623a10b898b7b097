/**
 * Names of time zones. `Intl.DateTimeFormat` knows them all, but its first use costs a process 8 MB from then on
 * (docs/decisions/0010-zones.md): it is asked only about names that stand in no list.
 */

/** Places that ICU lists by a former name, such as Asia/Calcutta, and takes by the present one as well. */
const RENAMED = [
  "Africa/Asmara",
  "America/Argentina/Buenos_Aires",
  "America/Argentina/Catamarca",
  "America/Argentina/Cordoba",
  "America/Argentina/Jujuy",
  "America/Argentina/Mendoza",
  "America/Atikokan",
  "America/Indiana/Indianapolis",
  "America/Kentucky/Louisville",
  "America/Nuuk",
  "Asia/Ho_Chi_Minh",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Asia/Yangon",
  "Atlantic/Faroe",
  "Europe/Kyiv",
  "Pacific/Chuuk",
  "Pacific/Kanton",
  "Pacific/Pohnpei",
];

/**
 * A time zone as `Date` understands it in TZ, or as a fixed offset such as `+05:30`: in any case of letters, by a former
 * name, an abbreviation.
 * @returns null when there is no such zone
 */
export function knownZone(name: string): string | null {
  // Only ASCII: to JavaScript a Kelvin sign is a k in capitals.
  if (/^[\w/+-]+$/.test(name)) {
    if (/^(?:etc\/)?(?:utc|gmt)$/i.test(name)) return "UTC";
    const lower = name.toLowerCase();
    const same = (zone: string) => zone.toLowerCase() === lower;
    const listed = Intl.supportedValuesOf("timeZone").find(same) ?? RENAMED.find(same);
    if (listed !== undefined) return listed;
  }
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** The zone that ICU takes the system's for. It knows a copy of a zone's file by comparing it with all of them. */
export function guessedZone(): string | null {
  return knownZone(new Intl.DateTimeFormat("en").resolvedOptions().timeZone ?? "");
}

/** What a TZ names: `:Europe/Berlin` and `/usr/share/zoneinfo/Europe/Berlin` name Europe/Berlin. Null: the system's zone. */
export function zoneNamed(text: string): string | null {
  const name = text.trim().replace(/^:/, "");
  return name === "" || name === "/etc/localtime" ? null : name.replace(/^\/usr\/share\/zoneinfo\//, "");
}
