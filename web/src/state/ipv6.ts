import { signal } from "@preact/signals";
import { ApiFailure, putJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import type { ApiStatus } from "../wire.ts";
import { refreshDevice } from "./device.ts";
import { refresh, status } from "./usage.ts";

/** Whether IPv6 was included from this page, which then offers to undo it. */
export const ipv6WasIncluded = signal(false);
/** Why the server didn't switch it. */
export const ipv6Failure = signal<Pick<ApiFailure, "message" | "hint"> | null>(null);

/** Includes IPv6 in all figures, or excludes it: on the server, for every page and for the past as well. */
export async function includeIpv6(included: boolean): Promise<void> {
  ipv6Failure.value = null;
  try {
    status.value = await putJson<ApiStatus>("api/v1/ipv6", { included });
  } catch (error) {
    ipv6Failure.value = error instanceof ApiFailure ? error : { message: failureText.notSaved, hint: null };
    return;
  }
  ipv6WasIncluded.value = included;
  await Promise.all([refresh(), refreshDevice()]);
}
