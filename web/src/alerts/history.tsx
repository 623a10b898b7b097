import { useState } from "preact/hooks";
import { alertText } from "../../../src/shared/days-in-text.ts";
import { urlOf } from "../api.ts";
import { formatDay, formatInstant } from "../format.ts";
import { Section } from "../settings/section.tsx";
import { snooze } from "../state/alerts.ts";
import { sayFailed } from "../state/toast.ts";
import { now } from "../state/today.ts";
import { alertsText } from "../texts/alerts.ts";
import type { AlertsReport } from "../wire.ts";

type Told = AlertsReport["history"][number];
type Delivery = Told["deliveries"][number];

const HOUR_MS = 3_600_000;
const DURATIONS = [1, 8, 24, 168];
const SHOWN = 20;

/** What was told, and whether it arrived. */
export function History({ report }: { report: AlertsReport }) {
  const { history, snoozed } = report;
  const [kind, setKind] = useState<Told["rule"] | "all">("all");
  const [hours, setHours] = useState(8);
  const kinds = Object.keys(alertsText.kinds).filter((one) => one !== "digest" && one !== "test") as Told["rule"][];
  const put = (rule: Told["rule"] | null, until: number | null) => {
    snooze(rule, until).catch((error: unknown) => sayFailed(error, alertsText.notSaved));
  };
  return (
    <Section title={alertsText.history}>
      {history.length === 0 && <p>{alertsText.noHistory}</p>}
      {history.length > 0 && (
        <ol class="alerts-history">
          {history.slice(0, SHOWN).map((told) => (
            <Entry key={told.id} told={told} channels={report.channels} />
          ))}
        </ol>
      )}
      <p class="settings-about">
        {alertsText.feeds}{" "}
        <a href={urlOf("api/v1/alerts/atom")} type="application/atom+xml">
          {alertsText.atom}
        </a>
        ,{" "}
        <a href={urlOf("api/v1/alerts/ics")} type="text/calendar">
          {alertsText.calendar}
        </a>
      </p>
      {snoozed.map(({ rule, until }) => (
        <p key={rule ?? ""} class="alerts-row">
          <span>{alertsText.snoozedUntil(rule === null ? null : alertsText.kinds[rule], formatInstant(until))}</span>
          <button type="button" class="button" onClick={() => put(rule, null)}>
            {alertsText.endSnooze}
          </button>
        </p>
      ))}
      <form
        class="alerts-row"
        onSubmit={(event) => {
          event.preventDefault();
          put(kind === "all" ? null : kind, Math.round(now.peek()) + hours * HOUR_MS);
        }}
      >
        <select
          aria-label={alertsText.snooze}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as Told["rule"] | "all")}
        >
          <option value="all">{alertsText.snoozeAll}</option>
          {kinds.map((one) => (
            <option key={one} value={one}>
              {alertsText.snoozeOf(alertsText.kinds[one])}
            </option>
          ))}
        </select>
        <select
          aria-label={alertsText.snoozeAll}
          value={String(hours)}
          onChange={(event) => setHours(Number(event.currentTarget.value))}
        >
          {DURATIONS.map((one) => (
            <option key={one} value={String(one)}>
              {alertsText.durations[one]}
            </option>
          ))}
        </select>
        <button type="submit" class="button">
          {alertsText.snooze}
        </button>
      </form>
    </Section>
  );
}

function Entry({ told, channels }: { told: Told; channels: AlertsReport["channels"] }) {
  const { at, level, title, snoozed, deliveries, heldUntil } = told;
  return (
    <li class={`alerts-told alerts-${level}`}>
      <p>
        <strong>
          <bdi>{title}</bdi>
        </strong>{" "}
        <time class="settings-about">{formatInstant(at)}</time>
      </p>
      <p>
        <bdi>{alertText(told, (day) => formatDay(day))}</bdi>
      </p>
      <p class="settings-about">
        {snoozed && alertsText.snoozed}
        {!snoozed && deliveries.length === 0 && alertsText.nowhere}
        {deliveries.map((delivery) => (
          <span key={delivery.channel} class={delivery.state === "dead" ? "alerts-dead" : undefined}>
            {outcomeOf(delivery, heldUntil, nameOf(channels, delivery.channel))}
          </span>
        ))}
      </p>
    </li>
  );
}

function outcomeOf({ state, at, answer }: Delivery, heldUntil: number | null, name: string): string {
  if (state === "sent") return alertsText.sent(name, formatInstant(at ?? 0));
  if (state === "dead") return alertsText.dead(name, answer ?? "");
  if (heldUntil !== null && heldUntil > now.value) return alertsText.held(name, formatInstant(heldUntil));
  return answer === null ? alertsText.waits(name) : alertsText.waitsAfter(name, answer);
}

function nameOf(channels: AlertsReport["channels"], id: string): string {
  const channel = channels.find((one) => one.id === id);
  return channel === undefined ? alertsText.aRemovedChannel : (channel.name ?? channel.label);
}
