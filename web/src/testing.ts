import type { Usage, UsageDevice } from "./wire.ts";

/** A device as the API has it, for tests: named by its key, without anything used. */
export function deviceWith(key: string, fields: Partial<UsageDevice> = {}): UsageDevice {
  return {
    key,
    mac: key,
    name: null,
    hostname: null,
    learnt: null,
    vendor: null,
    privateMac: false,
    firstDay: "2026-01-01",
    lastDay: "2026-11-22",
    router: false,
    type: "unknown",
    typeGuessed: true,
    owner: null,
    hidden: false,
    archived: false,
    addresses: [],
    download: 0,
    upload: 0,
    lastSeen: null,
    lastActiveDay: null,
    reconstructed: false,
    implausible: false,
    previous: null,
    series: { download: [], upload: [], reconstructed: [] },
    ...fields,
  };
}

/** The figures of 22 November 2026, for tests: of these devices, with their totals, and nothing else. */
export function usageWith(devices: readonly UsageDevice[] = [], fields: Partial<Usage> = {}): Usage {
  const none = { in: 0, out: 0 };
  return {
    from: "2026-11-22",
    to: "2026-11-22",
    today: "2026-11-22",
    source: null,
    traffic: "all",
    unknownTraffic: null,
    zone: "UTC",
    now: Date.UTC(2026, 10, 22, 10, 42, 30),
    group: "hour",
    by: "device",
    owner: null,
    buckets: [],
    unmeasured: [],
    devices: [...devices],
    others: null,
    groups: null,
    remotes: null,
    remoteTotals: null,
    totals: {
      download: devices.reduce((sum, one) => sum + one.download, 0),
      upload: devices.reduce((sum, one) => sum + one.upload, 0),
      devices: devices.length,
    },
    previous: null,
    balance: {
      balanced: true,
      counted: 0,
      devices: none,
      hidden: none,
      routers: none,
      remote: none,
      group: none,
      removed: { in: 0, out: 0 },
      unlisted: none,
      unattributed: none,
      seenShare: null,
      missedShare: 0,
      lan: 0,
    },
    hiddenShare: 0,
    ...fields,
  };
}
