import { isEdited, Rename } from "../devices/rename.tsx";
import { formatAgo, formatBytes, formatDay, formatInstant } from "../format.ts";
import { displayName } from "../names.ts";
import { rankBy } from "../state/preferences.ts";
import { changesFor } from "../state/ranges.ts";
import { followLink, hrefFor, navigate } from "../state/url.ts";
import { deviceText } from "../texts/device.ts";
import type { DeviceDetail } from "../wire.ts";
import { Addresses } from "./addresses.tsx";
import { DayBars } from "./day-bars.tsx";
import { DayCalendar } from "./day-calendar.tsx";
import { figuresByDay, type Sum, sumsOf } from "./day-figures.ts";
import { vendorText } from "./labels.ts";
import { WeekMap } from "./week-map.tsx";

const PLACE = "device-page";
const BACK = { device: null };

/** All that is known of one device. */
export function DevicePage({ detail }: { detail: DeviceDetail }) {
  const { device, today } = detail;
  const days = figuresByDay(detail);
  const by = rankBy.value;
  const openDay = (day: string) => navigate({ ...changesFor(day, day, today), ...BACK }, { top: true });
  return (
    <article class="device-page">
      <p>
        <a class="device-back" href={hrefFor(BACK)} onClick={(event) => followLink(event, BACK)}>
          <span aria-hidden="true">←</span> {deviceText.allDevices}
        </a>
      </p>
      <header class="panel device-head">
        <Name device={device} />
        <Facts detail={detail} />
        <Sums sums={sumsOf(days, today)} firstDay={detail.firstDay} />
      </header>
      <DayCalendar days={days} firstDay={detail.firstDay} today={today} by={by} onPick={openDay} />
      <DayBars days={days} today={today} by={by} onPick={openDay} />
      <WeekMap week={detail.week} />
      <Addresses addresses={detail.addresses} from={detail.firstDay} to={today} />
    </article>
  );
}

/** The page keeps its heading while its name is being edited. */
function Name({ device }: { device: DeviceDetail["device"] }) {
  const name = <bdi>{displayName(device)}</bdi>;
  return (
    <div class="device-name">
      {isEdited(PLACE) && <h1 class="visually-hidden">{name}</h1>}
      <Rename place={PLACE} device={device}>
        <h1>{name}</h1>
      </Rename>
    </div>
  );
}

function Facts({ detail }: { detail: DeviceDetail }) {
  const { device } = detail;
  return (
    <dl class="device-facts">
      <div>
        <dt>{deviceText.manufacturer}</dt>
        <dd>
          <bdi>{vendorText(device)}</bdi>
        </dd>
      </div>
      <div>
        <dt>{device.mac === null ? deviceText.address : deviceText.mac}</dt>
        <dd>
          <code>{device.mac ?? device.key}</code>
        </dd>
      </div>
      {device.name !== null && device.hostname !== null && (
        <div>
          <dt>{deviceText.hostname}</dt>
          <dd>
            <bdi>{device.hostname}</bdi>
          </dd>
        </div>
      )}
      <div>
        <dt>{deviceText.firstSeen}</dt>
        <dd>{formatDay(detail.firstDay)}</dd>
      </div>
      <div>
        <dt>{deviceText.lastSeen}</dt>
        <dd>{detail.lastSeen === null ? deviceText.never : <LastSeen at={detail.lastSeen} />}</dd>
      </div>
    </dl>
  );
}

/** Apart, because it moves every second. */
function LastSeen({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()}>
      {formatInstant(at)} <span class="device-aside">{deviceText.ago(formatAgo(at))}</span>
    </time>
  );
}

function Sums({ sums, firstDay }: { sums: readonly Sum[]; firstDay: string }) {
  return (
    <table class="device-sums">
      <caption class="visually-hidden">{deviceText.sums}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{deviceText.download}</th>
          <th scope="col">{deviceText.upload}</th>
          <th scope="col">{deviceText.total}</th>
        </tr>
      </thead>
      <tbody>
        {sums.map(({ days, download, upload }) => (
          <tr key={days}>
            <th scope="row">
              {days === null
                ? deviceText.since(formatDay(firstDay))
                : days === 1
                  ? deviceText.today
                  : deviceText.days(days)}
            </th>
            <td>{formatBytes(download)}</td>
            <td>{formatBytes(upload)}</td>
            <td>{formatBytes(download + upload)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
