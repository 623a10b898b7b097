import type { LanSegments } from "../../settings/lan.ts";
import { SETTING_KEYS, SETTINGS, type SettingKey, type SettingRow } from "../../settings/table.ts";
import type { ApiSettings } from "../../shared/api.ts";

/** The settings as the process has them. */
export interface ProcessSettings {
  /** The settings file. */
  readonly file: string;
  /** In force now, as text; nothing for what is empty. */
  values(): Readonly<Record<SettingKey, string>>;
  readonly origins: Readonly<Record<SettingKey, string>>;
  readonly segments: Pick<LanSegments, "auto" | "texts" | "found" | "named">;
}

export interface SettingsDeps {
  readonly settings: ProcessSettings;
  /** Networks of the LAN that are listed, or were found by now. */
  readonly lanSegments: () => readonly string[];
}

/** Settings of the process and networks of the LAN: the response to `api/v1/settings`. */
export function settingsOf({ settings, lanSegments }: SettingsDeps): ApiSettings {
  const { auto, texts, found } = settings.segments;
  const named = texts.filter((text) => !found.includes(text));
  const values = settings.values();
  return {
    file: settings.file,
    segments: { auto, named, found: lanSegments().filter((text) => !named.includes(text)) },
    process: SETTING_KEYS.map((key) => {
      const { sentence, allowed, environment }: SettingRow<unknown> = SETTINGS[key];
      const value = withoutCredentials(values[key]);
      return { key, value, origin: settings.origins[key], sentence, allowed, environment };
    }),
  };
}

/** A user alone may be a token. Of several addresses each has a name before it. */
function withoutCredentials(value: string): string {
  return value.replace(/(^|[|=])([a-z][a-z\d+.-]*:\/\/)[^/?#|]*@/gi, "$1$2***@");
}
