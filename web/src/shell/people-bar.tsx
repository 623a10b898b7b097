import { BYS } from "../../../src/shared/groups.ts";
import { mayWrite, onlyOwner } from "../state/access.ts";
import { household, ownerOf, owners } from "../state/household.ts";
import { editedPlan, subjectReport } from "../state/plan.ts";
import { navigate, selection } from "../state/url.ts";
import { status, usage } from "../state/usage.ts";
import { groupsText } from "../texts/groups.ts";
import { planText } from "../texts/plan.ts";
import type { AccessState, By } from "../wire.ts";

/** What figures are put together by, and whose devices they are of. */
export function PeopleBar() {
  const { by, owner } = selection.value;
  if (household.value === null) return null;
  const isIdle: Partial<Record<By, boolean>> = {
    // Where there are no owners, all is nobody's.
    owner: owners.value.length === 0,
    source: (status.value?.meters.length ?? 0) < 2,
  };
  const shownBys = BYS.filter((one) => one === by || isIdle[one] !== true);
  return (
    <section class="shell-people" aria-label={groupsText.label}>
      <label>
        <span>{groupsText.by}</span>
        <select
          aria-label={groupsText.by}
          value={by}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            // Groups have no days of their own, and no addresses to be filtered by.
            const table = chosen === "device" ? {} : { view: null, "f.addresses": null, "f.mac": null };
            navigate({ ...table, by: chosen === "device" ? null : chosen, page: null });
          }}
        >
          {shownBys.map((one) => (
            <option key={one} value={one}>
              {groupsText.bys[one]}
            </option>
          ))}
        </select>
      </label>
      {owners.value.length > 0 && (
        <label>
          <span>{groupsText.of}</span>
          <select
            aria-label={groupsText.of}
            value={owner ?? ""}
            onChange={(event) => navigate({ owner: event.currentTarget.value, page: null })}
          >
            <option value="">{groupsText.everyone}</option>
            {owners.value.map(({ id, name }) => (
              <option key={id} value={String(id)}>
                {name}
              </option>
            ))}
            <option value="none">{groupsText.nobody}</option>
          </select>
        </label>
      )}
    </section>
  );
}

/** Says above all figures whose they are: a link that was sent opens with it. */
export function OwnerBar() {
  const only = onlyOwner.value;
  if (only !== null) return <OnlyOwner {...only} />;
  return <ChosenOwner />;
}

/** A view link shows no one else. */
function OnlyOwner({ name, colour }: NonNullable<AccessState["owner"]>) {
  return (
    <section class="shell-notice shell-filtered" aria-label={groupsText.whose}>
      <p>
        {colour !== null && <i class={`chart-swatch chart-fill-${colour}`} aria-hidden="true" />}{" "}
        <strong>{name === null ? groupsText.showingUnknown : groupsText.showing(name)}</strong>
      </p>
    </section>
  );
}

function ChosenOwner() {
  const { owner } = selection.value;
  if (owner === null) return null;
  const known = owner === "none" ? null : ownerOf(Number(owner));
  // Its name may come with the figures before the household is read.
  if (owner !== "none" && known === null && household.value === null && usage.value !== null) return null;
  return (
    <section class="shell-notice shell-filtered" aria-label={groupsText.whose}>
      <p>
        {known !== null && <i class={`chart-swatch chart-fill-${known.colour}`} aria-hidden="true" />}{" "}
        <strong>
          {owner === "none"
            ? groupsText.showingNobody
            : known === null
              ? groupsText.showingUnknown
              : groupsText.showing(known.name)}
        </strong>
      </p>
      {mayWrite.value && known !== null && subjectReport.value?.plan == null && (
        <button
          type="button"
          class="button"
          onClick={() => {
            editedPlan.value = `owner:${known.id}`;
          }}
        >
          {planText.setOf}
        </button>
      )}
      <button type="button" class="button" onClick={() => navigate({ owner: null, page: null })}>
        {groupsText.showEveryone}
      </button>
    </section>
  );
}
