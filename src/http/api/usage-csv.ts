import type { Usage } from "../../shared/api.ts";
import { BYTE_ORDER_MARK, csvLine, guarded } from "../../shared/csv.ts";
import { nextTurn } from "../event-loop.ts";

const HEADERS = {
  device: ["bucket", "device", "name", "download_bytes", "upload_bytes"],
  owner: ["bucket", "owner", "name", "download_bytes", "upload_bytes"],
  type: ["bucket", "type", "name", "download_bytes", "upload_bytes"],
} as const;

/** Text that goes out at once. */
const CHUNK = 65_536;

/**
 * Usage as CSV by RFC 4180: a line for each bucket and device, or group, that used anything in it. No text runs as a formula
 * in a spreadsheet.
 */
export async function* usageCsv({ buckets, devices, groups, others, by }: Usage): AsyncGenerator<Uint8Array> {
  const rows = groups ?? [
    ...devices.map((device) => ({ ...device, name: device.name ?? device.hostname })),
    ...(others === null ? [] : [{ ...others, key: "", name: `${others.devices} more devices` }]),
  ];
  let text = BYTE_ORDER_MARK + csvLine(HEADERS[by], ",");
  for (const [index, { label }] of buckets.entries()) {
    for (const { key, name, series } of rows) {
      const [download, upload] = [series.download[index] ?? 0, series.upload[index] ?? 0];
      if (download === 0 && upload === 0) continue;
      text += csvLine([label, guarded(key), guarded(name ?? ""), `${download}`, `${upload}`], ",");
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = "";
      await nextTurn();
    }
  }
  yield Buffer.from(text);
}
