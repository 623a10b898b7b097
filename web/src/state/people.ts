import { effect } from "@preact/signals";
import { mayWrite } from "./access.ts";
import { household, refreshHousehold } from "./household.ts";
import { refreshProposals } from "./proposals.ts";
import { usage } from "./usage.ts";

/** Reads who has which devices once the first figures are there: they come first. */
export function startPeople(): void {
  let isAsked = false;
  effect(() => {
    if (usage.value === null || isAsked) return;
    isAsked = true;
    void refreshHousehold();
  });
  // Whatever is changed there changes what looks alike, which who may change something can say.
  effect(() => {
    if (household.value !== null && mayWrite.value) void refreshProposals();
  });
}
