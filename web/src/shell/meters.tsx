import { navigate, source } from "../state/url.ts";
import { status } from "../state/usage.ts";
import { meterText } from "../texts/frame.ts";

/** Which of several meters is looked at: a choice within the display menu. Nothing where there is one. */
export function MeterChoice() {
  const meters = status.value?.meters ?? [];
  if (meters.length < 2) return null;
  const choices = [{ name: null, isView: false }, ...meters];
  return (
    <fieldset>
      <legend>{meterText.meter}</legend>
      <div class="shell-choices">
        {choices.map(({ name, isView }) => (
          <label key={name ?? ""}>
            <input
              type="radio"
              name="meter"
              checked={source.value === name}
              onChange={() => navigate({ source: name, page: null })}
            />
            <span>{name === null ? meterText.all : isView ? meterText.view(name) : name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Says above all figures that they are of one meter: a link that was sent opens with it. */
export function MeterBar() {
  const name = source.value;
  if (name === null) return null;
  const isView = status.value?.meters.find((meter) => meter.name === name)?.isView === true;
  return (
    <section class="shell-notice shell-filtered" aria-label={meterText.label}>
      <p>
        <strong>
          {meterText.showing} <bdi>{name}</bdi>
        </strong>{" "}
        {isView && meterText.notAdded}
      </p>
      <button type="button" class="button" onClick={() => navigate({ source: null, page: null })}>
        {meterText.showAll}
      </button>
    </section>
  );
}
