import { TopDevices } from "../charts/top-devices.tsx";
import { Trend } from "../charts/trend.tsx";
import { Devices } from "../devices/devices.tsx";
import { changesFor } from "../state/ranges.ts";
import { today } from "../state/today.ts";
import { navigate } from "../state/url.ts";
import { loading, usage } from "../state/usage.ts";
import { Hints, Notices } from "./notices.tsx";
import { RangeBar } from "./range-bar.tsx";
import { Totals } from "./totals.tsx";

/** Everything about a range, top to bottom. */
export function Overview() {
  return (
    <>
      <RangeBar />
      <Notices />
      <div class={loading.value && usage.value !== null ? "shell-figures shell-waiting" : "shell-figures"}>
        <Totals />
        <Figures />
      </div>
    </>
  );
}

/** Mounted once for good: what moves within is data, so that focus, scroll and typed text stay. */
function Figures() {
  const shown = usage.value;
  if (shown === null) return <Waiting />;
  return (
    <>
      <div class="shell-charts">
        <Trend usage={shown} onNarrow={narrow} />
        <TopDevices usage={shown} />
      </div>
      <Hints />
      <Devices usage={shown} />
    </>
  );
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
