import { effect } from "@preact/signals";
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
  // Whatever is changed there changes what looks alike.
  effect(() => {
    if (household.value !== null) void refreshProposals();
  });
}
