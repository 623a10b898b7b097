import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { changeText } from "../../../src/shared/days-in-text.ts";
import { ApiFailure, getJson, postJson } from "../api.ts";
import { formatDay } from "../format.ts";
import { failureText } from "../texts/failures.ts";
import { householdText } from "../texts/household.ts";
import type { ApiOwner, Changed, Household, Step } from "../wire.ts";
import { refreshDevice } from "./device.ts";
import { ownerNames } from "./owner-names.ts";
import { houseUnits } from "./preferences.ts";
import { sayDone, sayFailed } from "./toast.ts";
import { refresh } from "./usage.ts";

/** People, their devices, and what is said of them; null until it is read. */
export const household = signal<Household | null>(null);
/** Why it couldn't be read. */
export const householdFailure = signal<ApiFailure | null>(null);

/** Everyone who has devices, or could have. */
export const owners: ReadonlySignal<readonly ApiOwner[]> = computed(() => household.value?.owners ?? []);

/** The owner of an id; null for nobody's, and for one that is not known yet. */
export function ownerOf(id: number | null): ApiOwner | null {
  return owners.value.find((owner) => owner.id === id) ?? null;
}

export async function refreshHousehold(): Promise<void> {
  try {
    const answer = await getJson<Household>("api/v1/household");
    household.value = answer;
    ownerNames.value = new Map(answer.owners.map(({ id, name }) => [id, name]));
    houseUnits.value = answer.units;
    householdFailure.value = null;
  } catch (error) {
    householdFailure.value =
      error instanceof ApiFailure ? error : new ApiFailure("unknown", failureText.noHousehold, null);
  }
}

/**
 * Changes the household, all steps or none; says what was done, and offers the way back, or why it wasn't.
 * @returns what the server answered; null where nothing was changed by it
 */
export async function change(...steps: readonly Step[]): Promise<Changed | null> {
  let answer: Changed;
  try {
    answer = await postJson<Changed>("api/v1/household/changes", { steps });
  } catch (error) {
    sayFailed(error, failureText.notSaved);
    return null;
  }
  const done = answer.change;
  // At once: what was said before is about an earlier change, and so was its way back.
  if (done !== null) sayDone(changeText(done.text, formatDay), () => undo(done.id));
  await readAgain();
  return answer;
}

/** Takes a change back. */
export async function undo(id: number): Promise<void> {
  try {
    const { change: undone } = await postJson<Changed>(`api/v1/household/changes/${id}/undo`, {});
    sayDone(undone === null ? householdText.nothingUndone : householdText.undone(changeText(undone.text, formatDay)));
    await readAgain();
  } catch (error) {
    sayFailed(error, failureText.notSaved);
  }
}

/** Whatever is changed holds for the past, too. */
function readAgain(): Promise<unknown> {
  return Promise.all([refreshHousehold(), refresh(), refreshDevice()]);
}
