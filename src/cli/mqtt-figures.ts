import type { Calendar } from "../accounting/calendar.ts";
import { type PlanDeps, planReportOf } from "../http/api/plan.ts";
import { type DeviceFiguresDeps, deviceFiguresOf } from "../http/device-figures.ts";
import type { Figures, PlanFigures } from "../mqtt/figures.ts";
import { countDays } from "../shared/calendar-days.ts";
import type { Status } from "../shared/status.ts";

/** Each has half a dozen entities in Home Assistant: a flood of MACs must not become one there. */
const MOST_DEVICES = 200;

export interface MqttFiguresDeps extends DeviceFiguresDeps {
  readonly store: DeviceFiguresDeps["store"] & PlanDeps["store"];
  readonly calendar: Calendar;
  /** The wall clock, ms UTC. */
  readonly now: () => number;
  readonly status: () => Status;
}

/** What is told to a broker. @throws StoreError */
export async function mqttFigures(deps: MqttFiguresDeps): Promise<Figures> {
  const { calendar, now, status } = deps;
  const day = calendar.dayOf(now());
  const { devices, sum, active } = await deviceFiguresOf(deps, day, MOST_DEVICES);
  return {
    day,
    household: sum,
    activeDevices: active,
    plan: await planFigures(deps),
    owners: [],
    devices: devices.map(({ name, key, ...rest }) => ({ ...rest, key, name: name === "" ? key : name })),
    problems: status().problems.map(({ message }) => message),
  };
}

async function planFigures(deps: MqttFiguresDeps): Promise<PlanFigures | null> {
  const { plan, cycle, forecast, today } = await planReportOf(deps, 0);
  if (plan === null || cycle === null) return null;
  return {
    cycle: cycle.from,
    used: cycle.used,
    allowance: plan.allowance,
    expected: forecast?.expected ?? null,
    daysLeft: countDays(today, cycle.to),
  };
}
