import { useId, useState } from "preact/hooks";
import { EditForm } from "../shell/edit-form.tsx";
import { useOpener } from "../shell/use-opened.ts";
import { change, household, owners } from "../state/household.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { householdText } from "../texts/household.ts";
import type { ApiOwner } from "../wire.ts";
import { Section } from "./section.tsx";

/** The people of the household: add, rename, colour, delete. */
export function OwnersSection() {
  const [isAdding, setAdding] = useState(false);
  const opener = useOpener(isAdding);
  if (household.value === null) return null;
  const all = owners.value;
  return (
    <Section title={householdText.owners}>
      <p class="settings-about">{all.length === 0 ? householdText.noOwners : householdText.ownersAbout}</p>
      {all.length > 0 && (
        <ul class="settings-owners">
          {all.map((owner) => (
            <Owner key={owner.id} owner={owner} onDeleted={() => opener.current?.focus()} />
          ))}
        </ul>
      )}
      {isAdding ? (
        <OwnerForm
          owner={null}
          onLeave={() => setAdding(false)}
          onSave={async (name, colour) => (await change({ do: "add-owner", name, colour })) !== null}
        />
      ) : (
        <p>
          <button type="button" class="button" ref={opener} onClick={() => setAdding(true)}>
            {householdText.addOwner}
          </button>
        </p>
      )}
    </Section>
  );
}

function Owner({ owner, onDeleted }: { owner: ApiOwner; onDeleted: () => void }) {
  const [isEdited, setEdited] = useState(false);
  const opener = useOpener(isEdited);
  const { id } = owner;
  if (isEdited) {
    return (
      <li>
        <OwnerForm
          owner={owner}
          onLeave={() => setEdited(false)}
          onSave={async (name, colour) => (await change({ do: "edit-owner", owner: id, name, colour })) !== null}
        />
      </li>
    );
  }
  const figures = { open: null, device: null, owner: String(id) };
  const remove = async () => {
    if ((await change({ do: "delete-owner", owner: id })) !== null) onDeleted();
  };
  return (
    <li class="settings-owner">
      <span class="settings-owner-name">
        <i class={`chart-swatch chart-fill-${owner.colour}`} aria-hidden="true" />
        <a href={hrefFor(figures)} onClick={(event) => followLink(event, figures, { top: true })}>
          <bdi>{owner.name}</bdi>
        </a>
        <span class="settings-about">{householdText.devices(owner.devices)}</span>
      </span>
      <span class="settings-buttons">
        <button
          type="button"
          class="button"
          aria-label={householdText.edit(owner.name)}
          ref={opener}
          onClick={() => setEdited(true)}
        >
          {householdText.editShort}
        </button>
        <button
          type="button"
          class="button"
          aria-label={householdText.delete(owner.name)}
          onClick={() => void remove()}
        >
          {householdText.deleteShort}
        </button>
      </span>
    </li>
  );
}

/** Server and form agree: longer names are refused. */
const MAX_OWNER_NAME = 60;

interface OwnerFormProps {
  /** Null for a new one. */
  readonly owner: ApiOwner | null;
  readonly onLeave: () => void;
  /** @returns whether it was saved */
  readonly onSave: (name: string, colour: number) => Promise<boolean>;
}

function OwnerForm({ owner, onLeave, onSave }: OwnerFormProps) {
  const [name, setName] = useState(owner?.name ?? "");
  const [colour, setColour] = useState(owner?.colour ?? freeColour(owners.peek()));
  const radios = useId();
  return (
    <EditForm class="settings-form" onSave={() => onSave(name.trim(), colour)} onLeave={onLeave}>
      <label class="plan-field">
        <span>{householdText.ownerName}</span>
        <input
          type="text"
          required
          pattern=".*\S.*"
          maxLength={MAX_OWNER_NAME}
          autocomplete="off"
          dir="auto"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <fieldset class="settings-colours">
        <legend>{householdText.colour}</legend>
        {householdText.colours.map((text, index) => (
          <label key={text}>
            <input
              class="visually-hidden"
              type="radio"
              name={radios}
              checked={colour === index + 1}
              onChange={() => setColour(index + 1)}
            />
            <i class={`chart-swatch chart-fill-${index + 1}`} aria-hidden="true" />
            <span class="visually-hidden">{text}</span>
          </label>
        ))}
      </fieldset>
    </EditForm>
  );
}

/** A colour that fewest have. */
function freeColour(all: readonly ApiOwner[]): number {
  const colours = householdText.colours.map((_, index) => index + 1);
  const uses = (colour: number) => all.filter((owner) => owner.colour === colour).length;
  return colours.reduce((best, colour) => (uses(colour) < uses(best) ? colour : best), 1);
}
