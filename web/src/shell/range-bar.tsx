import { formatDay, formatDayRange, formatMonth } from "../format.ts";
import { cycleRule } from "../state/plan-report.ts";
import {
  CYCLES,
  changesForDays,
  changesForName,
  isMonthly,
  type QueryChanges,
  RANGES,
  type RangeName,
  type Selection,
  step,
} from "../state/ranges.ts";
import { today } from "../state/today.ts";
import { followLink, hrefFor, navigate, selection } from "../state/url.ts";
import { status } from "../state/usage.ts";
import { frameText } from "../texts/frame.ts";
import { ChevronLeft, ChevronRight } from "./icons.tsx";

/** Which days are looked at: by name, by dates, or one range further. Real links, so that each can be kept. */
export function RangeBar({ heading: Heading }: { heading: "h1" | "h2" }) {
  const { range, from, to } = selection.value;
  const names = cycleRule.value === null ? RANGES : [...RANGES.slice(0, -1), ...CYCLES, ...RANGES.slice(-1)];
  return (
    <nav class="shell-range" aria-label={frameText.range}>
      <ul class={`shell-range-names segmented ${cycleRule.value === null ? "" : "shell-range-cycles"}`}>
        {names.map((name) => (
          <li key={name}>
            <RangeLink changes={changesOf(name, from, to)} current={name === range}>
              {frameText.ranges[name]}
            </RangeLink>
          </li>
        ))}
      </ul>
      <div class="shell-range-days">
        <StepLink direction={-1} />
        <Heading>{headingOf(selection.value, today.value)}</Heading>
        <StepLink direction={1} />
      </div>
      {range === "custom" && <CustomDays key={`${from} ${to}`} from={from} to={to} />}
    </nav>
  );
}

function headingOf(shown: Selection, today: string): string {
  return isMonthly(shown, today) ? formatMonth(shown.from) : formatDayRange(shown.from, shown.to);
}

function changesOf(name: RangeName, from: string, to: string): QueryChanges {
  // The same days: what the bars are grouped by stays.
  return name === "custom" ? { range: "custom", from, to } : changesForName(name);
}

function RangeLink(props: { changes: QueryChanges; current: boolean; children: string }) {
  return (
    <a
      href={hrefFor(props.changes)}
      aria-current={props.current ? "true" : undefined}
      onClick={(event) => followLink(event, props.changes)}
    >
      {props.children}
    </a>
  );
}

function StepLink({ direction }: { direction: -1 | 1 }) {
  const days = step(selection.value, direction, today.value, cycleRule.value);
  const first = status.value?.range?.first;
  const label = direction < 0 ? frameText.earlier : frameText.later;
  const icon = direction < 0 ? <ChevronLeft /> : <ChevronRight />;
  if (days === null || (direction < 0 && first !== undefined && days.to < first)) {
    return (
      // biome-ignore lint/a11y/useValidAnchor: a link that leads nowhere now stays in its place, or the other would jump
      <a class="button shell-step" role="link" aria-disabled="true" aria-label={label}>
        {icon}
      </a>
    );
  }
  const { changes } = days;
  const target = days.from === days.to ? formatDay(days.from) : formatDayRange(days.from, days.to);
  return (
    <a
      class="button shell-step"
      href={hrefFor(changes)}
      aria-label={frameText.stepTo(label, target)}
      title={target}
      onClick={(event) => followLink(event, changes)}
    >
      {icon}
    </a>
  );
}

function CustomDays({ from, to }: { from: string; to: string }) {
  const show = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const days = [String(data.get("from") || from), String(data.get("to") || to)].sort();
    navigate(changesForDays(days[0] ?? from, days[1] ?? to, selection.peek().group));
  };
  return (
    <form class="shell-custom" onSubmit={show}>
      <label>
        <span>{frameText.from}</span>
        <input type="date" name="from" defaultValue={from} max={today.value} required />
      </label>
      <label>
        <span>{frameText.to}</span>
        <input type="date" name="to" defaultValue={to} max={today.value} required />
      </label>
      <button type="submit" class="button button-primary">
        {frameText.show}
      </button>
    </form>
  );
}
