import { signal } from "@preact/signals";
import { ApiFailure, getJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import { settingsText } from "../texts/settings.ts";
import type { ApiSettings } from "../wire.ts";
import { includeIpv6, ipv6Failure } from "./ipv6.ts";
import { sayDone, sayFailed } from "./toast.ts";

/** How the process was set up; null until it is read. */
export const processSettings = signal<ApiSettings | null>(null);
/** Why it couldn't be read. */
export const settingsFailure = signal<ApiFailure | null>(null);

export async function refreshSettings(): Promise<void> {
  try {
    processSettings.value = await getJson<ApiSettings>("api/v1/settings");
    settingsFailure.value = null;
  } catch (error) {
    settingsFailure.value =
      error instanceof ApiFailure ? error : new ApiFailure("unknown", failureText.noSettings, null);
  }
}

/** Includes or excludes IPv6, says so, and offers the way back. */
export async function switchIpv6(included: boolean): Promise<void> {
  await includeIpv6(included);
  const failure = ipv6Failure.peek();
  if (failure !== null) sayFailed(failure, failureText.notSaved);
  else sayDone(settingsText.ipv6Switched[included ? "included" : "excluded"], () => switchIpv6(!included));
  void refreshSettings();
}
