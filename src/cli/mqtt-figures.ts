import type { Calendar } from "../accounting/calendar.ts";
import type { Bytes } from "../accounting/types.ts";
import { ownerNow } from "../http/api/directory.ts";
import { plansReportOf } from "../http/api/plan.ts";
import { LINE, type PlanDeps } from "../http/api/plan-subjects.ts";
import { type DeviceFigures, type DeviceFiguresDeps, deviceFiguresOf } from "../http/device-figures.ts";
import type { Figures, OwnerFigures, PlanFigures } from "../mqtt/figures.ts";
import { countDays } from "../shared/calendar-days.ts";
import type { Status } from "../shared/status.ts";

/** So many are looked at. */
const MOST_DEVICES = 1_000;
/** Each has half a dozen entities in Home Assistant: a flood of MACs must not become one there. */
const MOST_PUBLISHED = 200;

export interface MqttFiguresDeps extends DeviceFiguresDeps {
  readonly store: DeviceFiguresDeps["store"] & PlanDeps["store"];
  readonly calendar: Calendar;
  readonly status: () => Status;
}

/** What is told to a broker. @throws StoreError */
export async function mqttFigures(deps: MqttFiguresDeps): Promise<Figures> {
  const { calendar, now, household, status } = deps;
  const day = calendar.dayOf(now());
  const { devices, sum, active } = await deviceFiguresOf(deps, day, MOST_DEVICES);
  const said = household.document().devices;
  const size = ({ total }: DeviceFigures) => total.in + total.out;
  const largest = devices.toSorted((a, b) => size(b) - size(a)).slice(0, MOST_PUBLISHED);
  const plans = await planFigures(deps);
  return {
    day,
    household: sum,
    activeDevices: active,
    plan: plans.get(LINE) ?? null,
    owners: ownerFigures(deps, devices, plans),
    devices: largest.map(({ name, key, ...rest }) => ({
      ...rest,
      key,
      plan: plans.get(`device:${key}`) ?? null,
      name: name === "" ? key : name,
      folded: said[key]?.hidden === true || said[key]?.archived === true,
    })),
    problems: status().problems.map(({ message }) => message),
  };
}

function ownerFigures(
  deps: MqttFiguresDeps,
  devices: readonly DeviceFigures[],
  plans: ReadonlyMap<string, PlanFigures>,
): OwnerFigures[] {
  const today = new Map<number, Bytes>();
  for (const device of devices) {
    const owner = ownerNow(deps, device.key);
    if (owner === null) continue;
    const { in: down, out } = today.get(owner) ?? { in: 0, out: 0 };
    today.set(owner, { in: down + device.today.in, out: out + device.today.out });
  }
  return Object.entries(deps.household.document().owners).map(([id, { name }]) => ({
    id: Number(id),
    name,
    today: today.get(Number(id)) ?? { in: 0, out: 0 },
    plan: plans.get(`owner:${id}`) ?? null,
  }));
}

/** By whose they are, as the API writes it. */
async function planFigures(deps: MqttFiguresDeps): Promise<ReadonlyMap<string, PlanFigures>> {
  const { plans, today } = await plansReportOf(deps);
  return new Map(
    plans.map(({ of, plan: { allowance }, cycle: { from, to, used }, forecast }) => {
      const expected = forecast?.expected ?? null;
      return [of, { cycle: from, used, allowance, expected, daysLeft: countDays(today, to) }];
    }),
  );
}
