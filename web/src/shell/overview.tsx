import { useEffect, useState } from "preact/hooks";
import { TopDevices } from "../charts/top-devices.tsx";
import { Trend } from "../charts/trend.tsx";
import { Devices } from "../devices/devices.tsx";
import { Hosts } from "../devices/hosts.tsx";
import { Plans } from "../plan/plan-panel.tsx";
import { onlyOwner } from "../state/access.ts";
import { figures, shownUsage } from "../state/filters.ts";
import { changesFor } from "../state/ranges.ts";
import { today } from "../state/today.ts";
import { comeBack, navigate } from "../state/url.ts";
import { Unusual } from "../unusual/unusual.tsx";
import type { Usage } from "../wire.ts";
import { Figures } from "./figures.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { MeterBar } from "./meters.tsx";
import { Hints, Notices } from "./notices.tsx";
import { OwnerBar, PeopleBar } from "./people-bar.tsx";
import { RangeBar } from "./range-bar.tsx";
import { Totals } from "./totals.tsx";
import { TrafficBar } from "./traffic.tsx";

/** Everything about a range, top to bottom. */
export function Overview() {
  return (
    <>
      {onlyOwner.value === null && <OfEverybody />}
      <RangeBar heading="h1" />
      <Notices />
      <OwnerBar />
      <MeterBar />
      <TrafficBar />
      <FilterBar />
      <Figures>
        <Totals />
        <PeopleBar />
        <Body />
      </Figures>
    </>
  );
}

/** What a view link of one owner doesn't show. */
function OfEverybody() {
  return (
    <>
      <Plans />
      <Unusual />
    </>
  );
}

function Body() {
  const [whole, shown] = [figures.value, shownUsage.value];
  if (whole === null || shown === null) return <Waiting />;
  return <Shown whole={whole} shown={shown} />;
}

/** Mounted once and kept: what moves within is data, so that focus, scroll and typed text stay. */
function Shown({ whole, shown }: { whole: Usage; shown: Usage }) {
  const withTable = useAfterFirstPaint();
  useEffect(() => {
    if (withTable) comeBack();
  }, [withTable]);
  return (
    <>
      <div class="shell-charts">
        <Trend usage={shown} onNarrow={narrow} />
        <TopDevices usage={shown} everyone={whole.totals} />
      </div>
      <Hints />
      {withTable ? (
        <>
          <Devices usage={whole} />
          {onlyOwner.value === null && <Hosts usage={whole} />}
        </>
      ) : (
        <div class="shell-skeleton" aria-hidden="true">
          <div class="panel" />
        </div>
      )}
    </>
  );
}

let hasPainted = false;

/**
 * False until the page has been painted with figures for the first time: totals and charts are what a small screen
 * shows, and on a slow one they need not wait for the table below them.
 */
function useAfterFirstPaint(): boolean {
  const [after, setAfter] = useState(hasPainted);
  useEffect(() => {
    hasPainted = true;
    setAfter(true);
  }, []);
  return after;
}

/** Holds the place of the figures, so that nothing jumps when they come. */
function Waiting() {
  return (
    <div class="shell-skeleton" aria-hidden="true">
      <div class="panel" />
      <div class="panel" />
      <div class="panel" />
    </div>
  );
}

/** A bar was chosen: its days, in the steps that suit their number. */
function narrow(from: string, to: string): void {
  navigate(changesFor(from, to, today.peek()));
}
