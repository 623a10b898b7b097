import { urlOf } from "../api.ts";
import { formatAgo, formatBytes, formatInstant, formatShare } from "../format.ts";
import { status, usage } from "../state/usage.ts";
import type { ApiStatus, Usage } from "../wire.ts";
import { NOTABLE_SHARE } from "./notice-rules.ts";

/** The health line, what is behind it, and where the figures can be had elsewhere. */
export function Footer() {
  return (
    <footer class="shell-footer">
      <HealthLine />
      <Books />
      <History />
      <p class="shell-links">
        <a href={urlOf("table")}>Plain table</a>
        <a href={urlOf("json")}>JSON of today</a>
        <a href={urlOf("api/v1/openapi.json")}>API</a>
        {status.value && <span>WhiteStat {status.value.version}</span>}
      </p>
    </footer>
  );
}

/** "darkstat 3.0.719 · read 12 s ago · 0.0 % of packets missed · books balance" */
function HealthLine() {
  const current = status.value;
  if (current === null) return <p class="shell-health">Asking WhiteStat how it is…</p>;
  const { darkstat, problems } = current;
  const balance = usage.value?.balance;
  const missed = darkstat.missedShare;
  return (
    <p class={`shell-health shell-health-${healthOf(current)}`} id="health">
      <span class="shell-dot" aria-hidden="true" />
      {problems[0] && <strong>{problems[0].message} </strong>}
      <span>{darkstat.version === null ? "darkstat has not answered yet" : `darkstat ${darkstat.version}`}</span>
      {darkstat.interface !== null && <span>on {darkstat.interface}</span>}
      {darkstat.readAt !== null && <ReadAgo at={darkstat.readAt} />}
      {missed !== null && <span>{missedText(missed)} of packets missed</span>}
      {balance && balance.counted > 0 && <span>{balance.balanced ? "books balance" : "books don't balance"}</span>}
    </p>
  );
}

function healthOf({ darkstat, problems }: ApiStatus): "bad" | "warn" | "none" | "good" {
  if (problems.length > 0) return "bad";
  if (darkstat.readAt === null) return "none";
  return (darkstat.missedShare ?? 0) < NOTABLE_SHARE ? "good" : "warn";
}

function missedText(share: number): string {
  return share === 0 ? formatShare(0).replace("0", "0.0") : formatShare(share);
}

function ReadAgo({ at }: { at: number }) {
  return <span>read {formatAgo(at)}</span>;
}

type Side = { in: number; out: number };

const SIDES = [
  ["devices", "Devices"],
  ["hidden", "Devices, at addresses outside IPFilter"],
  ["routers", "Routers"],
  ["remote", "Hosts beyond the router"],
  ["group", "Multicast and broadcast"],
  ["unlisted", "Hosts that darkstat does not list"],
  ["unattributed", "Unattributed"],
] as const satisfies readonly (readonly [keyof Usage["balance"], string])[];

/** Every byte that darkstat counted, and whose it is. */
function Books() {
  const balance = usage.value?.balance;
  if (!balance) return null;
  const sum = (side: keyof Side) => SIDES.reduce((bytes, [key]) => bytes + balance[key][side], 0);
  return (
    <details class="shell-more">
      <summary>Books: where every byte went</summary>
      <p>
        darkstat counted {formatBytes(balance.counted)} in this range. Each byte was received by one host and sent by
        another, so each column adds up to that
        {balance.balanced ? ": it does, to the byte." : ", yet one does not."}
        {balance.missedShare !== null && ` ${missedText(balance.missedShare)} of its packets were missed.`}
      </p>
      <div class="shell-scroll">
        <table>
          <caption class="visually-hidden">Bytes by kind of host</caption>
          <thead>
            <tr>
              <th scope="col">Whose</th>
              <th scope="col">Received</th>
              <th scope="col">Sent</th>
            </tr>
          </thead>
          <tbody>
            {SIDES.map(([key, label]) => (
              <tr key={key}>
                <th scope="row">{label}</th>
                <td>{formatBytes(balance[key].in)}</td>
                <td>{formatBytes(balance[key].out)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Sum</th>
              <td>{formatBytes(sum("in"))}</td>
              <td>{formatBytes(sum("out"))}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </details>
  );
}

/** What happened lately: restarts of darkstat, clock jumps, gaps. */
function History() {
  const notes = status.value?.notes ?? [];
  if (notes.length === 0) return null;
  return (
    <details class="shell-more">
      <summary>What happened lately</summary>
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
