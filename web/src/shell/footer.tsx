import { urlOf } from "../api.ts";
import { formatAgo, formatBytes, formatInstant, formatShare } from "../format.ts";
import { mayWrite, onlyOwner } from "../state/access.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { status, usage } from "../state/usage.ts";
import { footerText } from "../texts/frame.ts";
import type { ApiStatus, Usage } from "../wire.ts";
import { missedOf, NOTABLE_SHARE, type Shares } from "./notice-rules.ts";

const SETTINGS = { open: "settings" };

/** The health line, what is behind it, and where the figures can be had elsewhere. */
export function Footer() {
  return (
    <footer class="shell-footer">
      <HealthLine />
      <Breakdown />
      <Events />
      <p class="shell-links">
        {mayWrite.value && (
          <a href={hrefFor(SETTINGS)} onClick={(event) => followLink(event, SETTINGS, { top: true })}>
            {footerText.settings}
          </a>
        )}
        {onlyOwner.value === null && <OfEverybody />}
        {status.value && <span>{footerText.version(status.value.version)}</span>}
      </p>
    </footer>
  );
}

/** Where everybody's figures can be had. */
function OfEverybody() {
  return (
    <>
      <a href={urlOf("table")}>{footerText.plainTable}</a>
      <a href={urlOf("json")}>{footerText.todayAsJson}</a>
      <a href={urlOf("api/v1/openapi.json")}>{footerText.api}</a>
    </>
  );
}

/** "darkstat 3.0.719 · read 12 s ago · no packets dropped · totals match" */
function HealthLine() {
  const current = status.value;
  if (current === null) return <p class="shell-health">{footerText.loading}</p>;
  const { meters, problems } = current;
  const balance = usage.value?.balance;
  return (
    <p class={`shell-health shell-health-${healthOf(current)}`} id="health">
      <span class="shell-dot" aria-hidden="true" />
      {problems[0] && <strong>{problems[0].message} </strong>}
      {meters.map((meter) => (
        <MeterHealth key={meter.name ?? ""} {...meter} />
      ))}
      {balance && balance.counted > 0 && (
        <span>{balance.balanced ? footerText.totalsMatch : footerText.totalsDiffer}</span>
      )}
    </p>
  );
}

function MeterHealth(meter: ApiStatus["meters"][number]) {
  const { name, kind, version, interface: networkInterface, readAt } = meter;
  return (
    <>
      <span>
        {name !== null && <bdi>{name}: </bdi>}
        {version === null ? footerText.noReading(kind) : footerText.meter(kind, version)}
      </span>
      {networkInterface !== null && <span>{footerText.on(networkInterface)}</span>}
      {readAt !== null && <ReadAgo at={readAt} />}
      <Missed {...meter} />
    </>
  );
}

function healthOf({ meter, meters, problems }: ApiStatus): "bad" | "warn" | "none" | "good" {
  if (problems.length > 0) return "bad";
  if (meter.readAt === null) return "none";
  return meters.every((one) => missedOf(one) < NOTABLE_SHARE) ? "good" : "warn";
}

/** In bytes where the interface's own counters tell, else in packets where the meter counts those. */
function Missed({ seenShare, missedShare }: Shares) {
  if (seenShare !== null) return <span>{footerText.seen(formatShare(seenShare))}</span>;
  return missedShare === null ? null : <span>{droppedText(missedShare)}</span>;
}

function droppedText(share: number): string {
  return share === 0 ? footerText.noneDropped : footerText.dropped(formatShare(share));
}

function ReadAgo({ at }: { at: number }) {
  return <span>{footerText.readAgo(formatAgo(at))}</span>;
}

type Side = { in: number; out: number };

const SIDES = [
  "devices",
  "hidden",
  "routers",
  "remote",
  "group",
  "unlisted",
  "unattributed",
  "removed",
] as const satisfies readonly (keyof Usage["balance"])[];

/** Every byte that the meter counted, by type of host. */
function Breakdown() {
  const balance = usage.value?.balance;
  // What everybody used is none of one owner's figures.
  if (!balance || onlyOwner.value !== null) return null;
  const sum = (side: keyof Side) => SIDES.reduce((bytes, key) => bytes + balance[key][side], 0);
  return (
    <details class="shell-more">
      <summary>{footerText.breakdown}</summary>
      <p>
        {footerText.counted(formatBytes(balance.counted))} {balance.balanced ? footerText.matches : footerText.differs}
        {balance.seenShare !== null && ` ${footerText.seenThen(formatShare(balance.seenShare))}`}
        {balance.seenShare === null &&
          balance.missedShare !== null &&
          ` ${footerText.droppedThen(droppedText(balance.missedShare))}`}
        {balance.lan > 0 && ` ${footerText.lan(formatBytes(balance.lan))}`}
      </p>
      <div class="shell-scroll">
        <table>
          <caption class="visually-hidden">{footerText.bytesByType}</caption>
          <thead>
            <tr>
              <th scope="col">{footerText.type}</th>
              <th scope="col">{footerText.received}</th>
              <th scope="col">{footerText.sent}</th>
            </tr>
          </thead>
          <tbody>
            {SIDES.map((key) => (
              <tr key={key}>
                <th scope="row">{footerText.hosts[key]}</th>
                <td>{formatBytes(balance[key].in)}</td>
                <td>{formatBytes(balance[key].out)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{footerText.total}</th>
              <td>{formatBytes(sum("in"))}</td>
              <td>{formatBytes(sum("out"))}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </details>
  );
}

/** Restarts of the meter, changes of the clock, gaps. */
function Events() {
  const notes = status.value?.notes ?? [];
  if (notes.length === 0) return null;
  return (
    <details class="shell-more">
      <summary>{footerText.events}</summary>
      <ol class="shell-notes">
        {notes.map(({ at, code, text }) => (
          <li key={`${at} ${code} ${text}`}>
            <time dateTime={new Date(at).toISOString()}>{formatInstant(at)}</time>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
