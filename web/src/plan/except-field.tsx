import { useEffect, useState } from "preact/hooks";
import { addDays } from "../../../src/shared/calendar-days.ts";
import { getJson } from "../api.ts";
import { displayName } from "../names.ts";
import { owners } from "../state/household.ts";
import { today } from "../state/today.ts";
import { planText } from "../texts/plan.ts";
import type { NotCounted, Usage } from "../wire.ts";
import type { PartProps } from "./plan-fields.tsx";

const DAYS_LISTED = 365;

/** One who may be left out of the line's plan. */
interface Choice {
  readonly of: string;
  readonly name: string;
}

/**
 * Owners and devices that don't count, behind a line that says how many there are.
 * @param notCounted those that the plan has, with their names: one may not be listed any more
 */
export function ExceptField({
  draft: { except },
  change,
  notCounted,
}: PartProps & { readonly notCounted: NotCounted }) {
  const [isOpen, setIsOpen] = useState(false);
  const count = except.owners.length + except.devices.length;
  return (
    <details class="plan-except" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{planText.except(count)}</summary>
      {isOpen && <Choices except={except} change={change} notCounted={notCounted} />}
    </details>
  );
}

function Choices({
  except,
  change,
  notCounted,
}: Pick<PartProps["draft"], "except"> & Pick<PartProps, "change"> & { readonly notCounted: NotCounted }) {
  const [devices, setDevices] = useState<readonly Choice[] | null>(null);
  // Those that were chosen when it was opened stay listed while they are switched off and on.
  const [first] = useState(except);
  useEffect(() => {
    const leave = new AbortController();
    const from = addDays(today.peek(), -DAYS_LISTED);
    getJson<Usage>("api/v1/usage", { from, group: "month" }, leave.signal).then(
      (usage) => setDevices(usage.devices.map((device) => ({ of: `device:${device.key}`, name: displayName(device) }))),
      () => {
        if (!leave.signal.aborted) setDevices([]);
      },
    );
    return () => leave.abort();
  }, []);

  const ofOwners = owners.value.map(({ id, name }) => ({ of: `owner:${id}`, name }));
  const chosen = [...first.owners.map((id) => `owner:${id}`), ...first.devices.map((key) => `device:${key}`)];
  const nameOf = (of: string) => notCounted.find((one) => one.of === of)?.name ?? planText.nobody(of);
  const listed = [...ofOwners, ...(devices ?? [])];
  const gone = chosen.filter((of) => devices !== null && !listed.some((one) => one.of === of));
  const isOut = (of: string) =>
    (of.startsWith("owner:") ? except.owners : except.devices).some((one) => of === ofOf(one));
  const toggle = (of: string, on: boolean) => {
    const id = of.slice(of.indexOf(":") + 1);
    const put = <One,>(some: readonly One[], one: One) => (on ? [...some, one] : some.filter((other) => other !== one));
    change({
      except: of.startsWith("owner:")
        ? { ...except, owners: put(except.owners, Number(id)) }
        : { ...except, devices: put(except.devices, id) },
    });
  };
  const groups = [
    { title: planText.exceptOwners, choices: ofOwners },
    { title: planText.exceptDevices, choices: devices ?? [] },
    { title: planText.exceptGone, choices: gone.map((of) => ({ of, name: nameOf(of) })) },
  ];
  return (
    <>
      <p class="plan-remarks">{planText.exceptAbout}</p>
      {devices === null && <p class="plan-remarks">{planText.loading}</p>}
      {groups.map(
        ({ title, choices }) =>
          choices.length > 0 && (
            <fieldset key={title}>
              <legend>{title}</legend>
              {choices.map(({ of, name }) => (
                <label key={of}>
                  <input
                    type="checkbox"
                    checked={isOut(of)}
                    onChange={(event) => toggle(of, event.currentTarget.checked)}
                  />
                  <bdi>{name}</bdi>
                </label>
              ))}
            </fieldset>
          ),
      )}
    </>
  );
}

function ofOf(one: number | string): string {
  return typeof one === "number" ? `owner:${one}` : `device:${one}`;
}
