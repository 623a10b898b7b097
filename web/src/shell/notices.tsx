import { formatDay, formatDayRange, formatDuration, formatInstant, formatShare, formatTime } from "../format.ts";
import { mayWrite } from "../state/access.ts";
import { connection } from "../state/connection.ts";
import { includeIpv6, ipv6Failure, ipv6WasIncluded } from "../state/ipv6.ts";
import { retryNow } from "../state/live.ts";
import { dismiss, dismissed } from "../state/preferences.ts";
import { proposals } from "../state/proposals.ts";
import { changesFor } from "../state/ranges.ts";
import { steady } from "../state/steady.ts";
import { now, today } from "../state/today.ts";
import { navigate } from "../state/url.ts";
import { failure, status, usage } from "../state/usage.ts";
import { noticeText } from "../texts/notices.ts";
import { Cross } from "./icons.tsx";
import { liveness } from "./liveness.ts";
import { type Notice, noticesOf } from "./notice-rules.ts";

const formats = {
  time: formatTime,
  instant: formatInstant,
  duration: formatDuration,
  share: formatShare,
  day: formatDay,
  range: formatDayRange,
};

const notices = steady<readonly Notice[]>((previous) => {
  const next = noticesOf(
    {
      usage: usage.value,
      status: status.value,
      failure: failure.value,
      ipv6: { wasIncluded: ipv6WasIncluded.value, failure: ipv6Failure.value },
      mayWrite: mayWrite.value,
      proposals: proposals.value.length,
      liveness: liveness.value,
      lostSince: connection.value.since,
      now: now.value,
    },
    formats,
  ).filter(({ id }) => !dismissed.value.has(id));
  // The clock ticks every second, what is said rarely changes.
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(next) ? previous : next;
});

/** What a person must know before reading the figures. */
export function Notices() {
  const shown = notices.value.filter(({ tone }) => tone !== "hint");
  return (
    <>
      {/* Read aloud when one appears, without "2 hours" being read again each minute. */}
      <p class="visually-hidden" role="status">
        {shown.map(({ title }) => title).join(" ")}
      </p>
      {shown.length > 0 && (
        <section class="shell-notices" aria-label={noticeText.notices}>
          {shown.map((notice) => (
            <NoticeLine key={notice.id} notice={notice} />
          ))}
        </section>
      )}
    </>
  );
}

/** What is good to know once the figures were seen: they come first on a small screen. */
export function Hints() {
  const shown = notices.value.filter(({ tone }) => tone === "hint");
  if (shown.length === 0) return null;
  return (
    <section class="shell-notices" aria-label={noticeText.hints}>
      {shown.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function NoticeLine({ notice }: { notice: Notice }) {
  const { id, tone, title, text, action } = notice;
  return (
    <div class={`shell-notice shell-notice-${tone}`}>
      <p>
        <strong>{title}</strong> {text}
      </p>
      {action !== undefined && (
        <button type="button" class="button" onClick={() => act(action.does)}>
          {action.label}
        </button>
      )}
      {tone === "hint" && (
        <button type="button" class="shell-dismiss" aria-label={noticeText.dismiss(title)} onClick={() => dismiss(id)}>
          <Cross />
        </button>
      )}
    </div>
  );
}

function act(does: NonNullable<Notice["action"]>["does"]): void {
  if (does === "retry") retryNow();
  else if (does === "proposals") navigate({ open: "settings" }, { top: true });
  else if (does === "include-ipv6" || does === "exclude-ipv6") void includeIpv6(does === "include-ipv6");
  else navigate(changesFor(does.from, does.to, today.peek()));
}
