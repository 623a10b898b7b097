import type { SettingKey, Settings } from "../settings/table.ts";

/** The settings in force as text, by key, for a person: lists joined, nothing for what is empty, no password. */
export function currentValues(settings: Settings): Readonly<Record<SettingKey, string>> {
  const listed = ({ auto, texts }: { auto: boolean; texts: readonly string[] }) =>
    [...(auto ? ["auto"] : []), ...texts].join("|");
  return {
    DATA_STORE: settings.dataStore,
    DBFile: settings.dbFile,
    DATABASE_URL: settings.databaseUrl === null ? "" : withoutPassword(settings.databaseUrl),
    LOGFile: settings.logFile,
    TRACEFile: settings.traceFile,
    IP_MAC_REWRITE: settings.ipMacFile,
    MAC_MAC_REWRITE: settings.macMacFile,
    MAC_HOST_MAP: settings.macHostFile,
    NAME_FILES: [...(settings.nameFiles.auto ? ["auto"] : []), ...settings.nameFiles.paths].join("|"),
    DARKSTAT_URL: settings.darkstats.map(({ name, url }) => named(name, withoutPassword(url))).join("|"),
    DARKSTAT_CA: settings.darkstatCa?.file ?? "",
    DARKSTAT_MAX_HOSTS: String(settings.darkstatMaxHosts),
    METER: settings.meter,
    HOST_INTERFACE: settings.interfaces
      .flatMap(({ name, devices }) => devices.map((device) => named(name, device)))
      .join("|"),
    METER_VIEWS: settings.meterViews.join("|"),
    IPFilter: settings.ipFilter.source,
    IdleSeconds: String(settings.idleSeconds),
    UpdateDBSeconds: String(settings.updateDbSeconds),
    SERVER_PORT: String(settings.serverPort),
    LISTEN_ADDRESS: settings.listenAddress ?? "",
    LAN_SEGMENT_MASKS: listed(settings.lanSegments),
    LAN_ROUTERS_TO_SKIP: listed(settings.lanRouters),
    TZ: settings.timeZone ?? "",
    HOURS_KEPT_DAYS: String(settings.hoursKeptDays ?? 0),
    REMOTE_KEPT_DAYS: String(settings.remoteKeptDays ?? 0),
    DEVICE_KEPT_DAYS: String(settings.deviceKeptDays ?? 0),
    ALLOWED_HOSTS: settings.allowedHosts.join("|"),
    CORS_ORIGINS: settings.corsOrigins.join("|"),
    TRUSTED_PROXIES: settings.trustedProxies.map(({ text }) => text).join("|"),
    INGRESS_PROXY: settings.ingressProxies.map(({ text }) => text).join("|"),
    MQTT_URL: settings.mqttUrl === null ? "" : withoutPassword(settings.mqttUrl),
    MQTT_CA: settings.mqttCa?.file ?? "",
    AUTH: settings.auth,
    AUTH_HEADER: settings.authHeader,
    BASE_PATH: settings.basePath,
    LOG_LEVEL: settings.logLevel,
  };
}

function named(name: string | null, value: string): string {
  return name === null ? value : `${name}=${value}`;
}

export function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  return shown.href;
}
