import { useRef } from "preact/hooks";
import { isEdited, Rename } from "../devices/rename.tsx";
import { formatAgo, formatBytes, formatCount, formatDay, formatInstant, formatShare } from "../format.ts";
import { displayName } from "../names.ts";
import { SubjectPlan } from "../plan/plan-panel.tsx";
import { Figures } from "../shell/figures.tsx";
import { Devices as DevicesIcon } from "../shell/icons.tsx";
import { RangeBar } from "../shell/range-bar.tsx";
import { Card, TotalCards, Value } from "../shell/totals.tsx";
import { TypeIcon } from "../shell/type-icon.tsx";
import { mayWrite } from "../state/access.ts";
import { usageOf } from "../state/filters.ts";
import { ownerOf } from "../state/household.ts";
import { isMeasured } from "../state/measured.ts";
import { editedPlan, subjectReport } from "../state/plan.ts";
import { rankBy } from "../state/preferences.ts";
import { changesFor } from "../state/ranges.ts";
import { followLink, hrefFor, navigate } from "../state/url.ts";
import { usage } from "../state/usage.ts";
import { aboutText } from "../texts/about.ts";
import { deviceText } from "../texts/device.ts";
import { householdText } from "../texts/household.ts";
import { namesText } from "../texts/names.ts";
import { planText } from "../texts/plan.ts";
import { trafficText } from "../texts/traffic.ts";
import type { ApiOwner, DeviceDetail, Usage } from "../wire.ts";
import { About } from "./about.tsx";
import { Addresses } from "./addresses.tsx";
import { DayCalendar } from "./day-calendar.tsx";
import { figuresByDay, type Sum, sumsOf } from "./day-figures.ts";
import { DeviceTrend } from "./device-trend.tsx";
import { vendorText } from "./labels.ts";
import { WeekMap } from "./week-map.tsx";

const PLACE = "device-page";
const BACK = { device: null };

/** All that is known of one device: who it is, what it used in the range that is chosen, and its habits. */
export function DevicePage({ detail }: { detail: DeviceDetail }) {
  const { device, today } = detail;
  const range = useRef<HTMLElement>(null);
  const days = figuresByDay(detail);
  const by = rankBy.value;
  const show = (from: string, to: string) => navigate(changesFor(from, to, today));
  return (
    <article class="device-page">
      <p class="device-way">
        <a class="device-back" href={hrefFor(BACK)} onClick={(event) => followLink(event, BACK)}>
          <span aria-hidden="true">←</span> {deviceText.allDevices}
        </a>
      </p>
      <header class="panel device-head">
        <Name device={device} />
        <Facts detail={detail} />
        <Sums sums={sumsOf(days, today)} firstDay={detail.firstDay} />
        {mayWrite.value && subjectReport.value?.plan === null && (
          <p>
            <button
              type="button"
              class="button"
              onClick={() => {
                editedPlan.value = `device:${device.key}`;
              }}
            >
              {planText.setOf}
            </button>
          </p>
        )}
      </header>
      <SubjectPlan />
      <section class="device-range" ref={range} aria-label={deviceText.range}>
        <RangeBar heading="h2" />
        <Figures>
          <OfRange whole={usage.value} detail={detail} onNarrow={show} />
        </Figures>
      </section>
      {mayWrite.value && <About key={device.key} detail={detail} />}
      <DayCalendar
        days={days}
        firstDay={detail.firstDay}
        unmeasured={new Set(detail.unmeasured)}
        today={today}
        by={by}
        onPick={(day) => {
          show(day, day);
          range.current?.scrollIntoView();
        }}
      />
      <WeekMap week={detail.week} />
      <Addresses addresses={detail.addresses} from={detail.firstDay} to={today} />
    </article>
  );
}

interface OfRangeProps {
  /** Everyone's figures of the range; null until they are read. */
  readonly whole: Usage | null;
  readonly detail: DeviceDetail;
  readonly onNarrow: (from: string, to: string) => void;
}

/** What the device used in the range, of how much, and when. */
function OfRange({ whole, detail, onNarrow }: OfRangeProps) {
  if (whole === null) return <p class="shell-reading">{deviceText.loading}</p>;
  const { key } = detail.device;
  const own = usageOf(whole, (other) => other === key);
  const isKnown = isMeasured(whole) && detail.firstDay <= whole.to;
  const total = own.totals.download + own.totals.upload;
  const everyone = whole.totals.download + whole.totals.upload;
  const active = whole.devices.filter(({ download, upload }) => download + upload > 0);
  const rank = active.findIndex((device) => device.key === key) + 1;
  return (
    <>
      <TotalCards usage={isKnown ? own : null} isBusy={false}>
        <Card name={deviceText.share} kind="devices" icon={<DevicesIcon />}>
          <Value number={isKnown && everyone > 0 ? formatShare(total / everyone) : "–"} />
          <dd class="shell-change">
            {rank === 0 ? deviceText.noRank : deviceText.rank(formatCount(rank), formatCount(active.length))}
          </dd>
        </Card>
      </TotalCards>
      <DeviceTrend usage={own} firstDay={detail.firstDay} by={rankBy.value} onNarrow={onNarrow} />
    </>
  );
}

/** The page keeps its heading while its name is being edited. */
function Name({ device }: { device: DeviceDetail["device"] }) {
  const name = <bdi>{displayName(device)}</bdi>;
  return (
    <div class="device-name">
      {isEdited(PLACE) && <h1 class="visually-hidden">{name}</h1>}
      <Rename place={PLACE} device={device}>
        <TypeIcon type={device.type} size={22} />
        <h1>{name}</h1>
      </Rename>
    </div>
  );
}

function Facts({ detail }: { detail: DeviceDetail }) {
  const { device } = detail;
  const owner = ownerOf(device.owner);
  return (
    <dl class="device-facts">
      <div>
        <dt>{aboutText.type}</dt>
        <dd>
          {device.typeGuessed
            ? householdText.guessed(householdText.types[device.type])
            : householdText.types[device.type]}
        </dd>
      </div>
      {owner !== null && (
        <div>
          <dt>{aboutText.owner}</dt>
          <dd class="about-owner-name">
            <i class={`chart-swatch chart-fill-${owner.colour}`} aria-hidden="true" />
            <OwnerLink owner={owner} />
          </dd>
        </div>
      )}
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
      {device.hostname !== null && (
        <div>
          <dt>{deviceText.hostname}</dt>
          <dd>
            <bdi>{device.hostname}</bdi> <bdi class="device-aside">{originOf(device)}</bdi>
          </dd>
        </div>
      )}
      <Split traffic={detail.traffic} />
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

/** With whom it exchanged what it ever used; nothing where no meter could tell. */
function Split({ traffic: { internet, lan, unknown } }: Pick<DeviceDetail, "traffic">) {
  const [wide, local, rest] = [internet, lan, unknown].map(({ download, upload }) => download + upload) as Three;
  if (wide + local === 0) return null;
  return (
    <div>
      <dt>{trafficText.split}</dt>
      <dd>
        {trafficText.parts(formatBytes(wide), formatBytes(local))}
        {rest > 0 && <span class="device-aside"> ({trafficText.rest(formatBytes(rest))})</span>}
      </dd>
    </div>
  );
}

type Three = [number, number, number];

/** Where the name on the network comes from. Untrusted text. */
function originOf({ learnt }: DeviceDetail["device"]): string {
  return learnt === null ? namesText.reverseDns : namesText.origin(learnt.from, namesText.kinds[learnt.kind]);
}

function OwnerLink({ owner }: { owner: ApiOwner }) {
  const open = { device: null, owner: String(owner.id) };
  return (
    <a href={hrefFor(open)} onClick={(event) => followLink(event, open, { top: true })}>
      <bdi>{owner.name}</bdi>
    </a>
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
