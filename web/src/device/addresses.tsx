import { countDays } from "../../../src/shared/calendar-days.ts";
import { formatDay } from "../format.ts";
import { deviceText } from "../texts/device.ts";
import type { DeviceDetail } from "../wire.ts";

export interface AddressesProps {
  readonly addresses: DeviceDetail["addresses"];
  /** The days that the lines reach over. */
  readonly from: string;
  readonly to: string;
}

/** Which addresses a device had, and when: a line each, from its first day to its last. */
export function Addresses({ addresses, from, to }: AddressesProps) {
  const whole = countDays(from, to);
  return (
    <section class="panel" aria-labelledby="device-addresses-title">
      <div class="panel-head">
        <h2 id="device-addresses-title">{deviceText.addresses}</h2>
      </div>
      <table class="device-addresses">
        <caption class="visually-hidden">{deviceText.addressesCaption}</caption>
        <thead>
          <tr>
            <th scope="col">{deviceText.address}</th>
            <th scope="col" class="device-host">
              {deviceText.hostname}
            </th>
            <th scope="col">{deviceText.first}</th>
            <th scope="col">{deviceText.last}</th>
            <th scope="col" class="device-span">
              <span>{formatDay(from)}</span>
              <span>{formatDay(to)}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {addresses.map(({ ip, hostname, firstDay, lastDay }) => {
            const start = (countDays(from, firstDay) - 1) / whole;
            const length = countDays(firstDay, lastDay) / whole;
            return (
              <tr key={ip}>
                <th scope="row">
                  <bdi>{ip}</bdi>
                </th>
                <td class="device-host">{hostname === null ? "–" : <bdi>{hostname}</bdi>}</td>
                <td>{formatDay(firstDay)}</td>
                <td>{formatDay(lastDay)}</td>
                <td class="device-span">
                  <svg aria-hidden="true">
                    <rect class="device-span-all" width="100%" height="100%" rx="4" />
                    <rect
                      class="device-span-own"
                      x={`${start * 100}%`}
                      width={`${Math.max(0.8, length * 100)}%`}
                      height="100%"
                      rx="4"
                    />
                  </svg>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
