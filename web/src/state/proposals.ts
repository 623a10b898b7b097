import { signal } from "@preact/signals";
import { getJson } from "../api.ts";
import type { Proposal, Proposals } from "../wire.ts";
import { change } from "./household.ts";

/** Devices that look like one, as the server said last. */
export const proposals = signal<readonly Proposal[]>([]);

/** Reads them again. Where that fails there are none to be seen: nothing depends on them. */
export async function refreshProposals(): Promise<void> {
  try {
    proposals.value = (await getJson<Proposals>("api/v1/proposals")).proposals;
  } catch {
    proposals.value = [];
  }
}

/** Makes them one device, or remembers that they are not. */
export async function decide({ steps }: Proposal, isSame: boolean): Promise<void> {
  await change(...(isSame ? steps.merge : steps.notSame));
}
