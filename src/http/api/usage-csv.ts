import type { Usage, UsageDevice, UsageGroup } from "../../shared/api.ts";
import { BYTE_ORDER_MARK, csvLine, guarded } from "../../shared/csv.ts";
import { nextTurn } from "../event-loop.ts";

const HEADERS = {
  device: ["bucket", "device", "name", "download_bytes", "upload_bytes", "owner", "type"],
  owner: ["bucket", "owner", "name", "download_bytes", "upload_bytes"],
  type: ["bucket", "type", "name", "download_bytes", "upload_bytes"],
  network: ["bucket", "network", "name", "download_bytes", "upload_bytes"],
  source: ["bucket", "source", "name", "download_bytes", "upload_bytes"],
} as const;

type Line = Pick<UsageGroup, "key" | "name" | "series"> & { readonly more: readonly string[] };

/** Text that goes out at once. */
const CHUNK = 65_536;

/**
 * Usage as CSV by RFC 4180: a line for each bucket and device, or group, that used anything in it. No text runs as a formula
 * in a spreadsheet. A device's owner is that of today.
 */
export async function* usageCsv(
  { buckets, devices, groups, others, by }: Usage,
  ownerName: (id: number) => string | null,
): AsyncGenerator<Uint8Array> {
  const ofDevice = ({ key, name, hostname, owner, type, series }: UsageDevice): Line => {
    const whose = owner === null ? "" : (ownerName(owner) ?? "");
    return { key, name: name ?? hostname, series, more: [guarded(whose), type === "unknown" ? "" : type] };
  };
  const rows: readonly Line[] = groups?.map((group) => ({ ...group, more: [] })) ?? [
    ...devices.map(ofDevice),
    ...(others === null ? [] : [{ ...others, key: "", name: `${others.devices} more devices`, more: ["", ""] }]),
  ];
  let text = BYTE_ORDER_MARK + csvLine(HEADERS[by], ",");
  for (const [index, { label }] of buckets.entries()) {
    for (const { key, name, series, more } of rows) {
      const [download, upload] = [series.download[index] ?? 0, series.upload[index] ?? 0];
      if (download === 0 && upload === 0) continue;
      text += csvLine([label, guarded(key), guarded(name ?? ""), `${download}`, `${upload}`, ...more], ",");
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = "";
      await nextTurn();
    }
  }
  yield Buffer.from(text);
}
