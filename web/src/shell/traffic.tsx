import { TRAFFICS } from "../../../src/shared/groups.ts";
import { formatBytes } from "../format.ts";
import { navigate, traffic } from "../state/url.ts";
import { isCurrent, usage } from "../state/usage.ts";
import { trafficText } from "../texts/traffic.ts";

/** With whom bytes were exchanged: a choice within the display menu. */
export function TrafficChoices() {
  return (
    <fieldset>
      <legend>{trafficText.traffic}</legend>
      <div class="segmented">
        {TRAFFICS.map((choice) => (
          <label key={choice}>
            <input
              class="visually-hidden"
              type="radio"
              name="traffic"
              checked={traffic.value === choice}
              onChange={() => navigate({ traffic: choice === "all" ? null : choice, page: null })}
            />
            {trafficText.choices[choice]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Says above all figures of which traffic they are, and what they lack since the meter can't tell. */
export function TrafficBar() {
  const choice = traffic.value;
  if (choice === "all") return null;
  const shown = isCurrent.value ? usage.value : null;
  const { download = 0, upload = 0 } = shown?.unknownTraffic ?? {};
  const lan = shown?.balance.lan ?? 0;
  return (
    <section class="shell-notice shell-filtered" aria-label={trafficText.traffic}>
      <p>
        <strong>{trafficText.showing[choice]}</strong>{" "}
        {download + upload > 0 && (
          <>
            {trafficText.unknown(formatBytes(download + upload))} {lan > 0 && trafficText.byBalance(formatBytes(lan))}
          </>
        )}
      </p>
      <button type="button" class="button" onClick={() => navigate({ traffic: null, page: null })}>
        {trafficText.showAll}
      </button>
    </section>
  );
}
