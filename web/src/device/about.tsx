import { useEffect, useId, useRef, useState } from "preact/hooks";
import { formatDay } from "../format.ts";
import { OwnerSelect, TypeSelect } from "../settings/choices.tsx";
import { EditForm } from "../shell/edit-form.tsx";
import { ProposalList } from "../shell/proposal-list.tsx";
import { keepFocus, useOpener } from "../shell/use-opened.ts";
import { change, household, ownerOf } from "../state/household.ts";
import { proposals } from "../state/proposals.ts";
import { today } from "../state/today.ts";
import { aboutText } from "../texts/about.ts";
import { householdText } from "../texts/household.ts";
import type { DeviceDetail } from "../wire.ts";
import { Deed } from "./deed.tsx";
import { Interfaces } from "./interfaces.tsx";
import { RemoveFigures } from "./remove-figures.tsx";

/** What a person says of a device: what it is, whose, and what it is made of. Each change says what it did, and can be undone. */
export function About({ detail }: { detail: DeviceDetail }) {
  const { device, about } = detail;
  const { key } = device;
  return (
    <section class="panel about" aria-labelledby="about-title">
      <div class="panel-head">
        <h2 id="about-title">{aboutText.title}</h2>
      </div>
      <div class="about-fields">
        <div class="about-field">
          <span>{aboutText.type}</span>
          <TypeSelect
            label={aboutText.type}
            type={device.typeGuessed ? null : device.type}
            guess={about.guess}
            onChoose={(type) => void change({ do: "describe", devices: [key], type })}
          />
        </div>
        <Owner detail={detail} />
        <div class="about-field">
          <span>{aboutText.lists}</span>
          <Check
            label={aboutText.hidden}
            about={aboutText.hiddenAbout}
            checked={device.hidden}
            onChange={(hidden) => void change({ do: "describe", devices: [key], hidden })}
          />
          <Check
            label={aboutText.archived}
            about={aboutText.archivedAbout}
            checked={device.archived}
            onChange={(archived) => void change({ do: "describe", devices: [key], archived })}
          />
        </div>
        <Note key={key} deviceKey={key} note={about.note} />
      </div>
      <Interfaces detail={detail} />
      <ProposalList proposals={proposals.value.filter(({ devices }) => devices.some((one) => one.key === key))} />
      <details class="about-more">
        <summary>{aboutText.more}</summary>
        <RemoveFigures detail={detail} />
        {device.mac !== null && (
          <Deed title={aboutText.router} about={aboutText.routerAbout}>
            <button
              type="button"
              class="button"
              onClick={() => void change({ do: "router", mac: device.mac ?? key, router: true })}
            >
              {householdText.aRouter}
            </button>
          </Deed>
        )}
      </details>
    </section>
  );
}

interface CheckProps {
  readonly label: string;
  readonly about: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Check({ label, about, checked, onChange }: CheckProps) {
  const id = useId();
  return (
    <>
      <label class="about-check">
        <input
          type="checkbox"
          checked={checked}
          aria-describedby={id}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        {label}
      </label>
      <small id={id}>{about}</small>
    </>
  );
}

/** Whose it is, and was; a form hands it over. */
function Owner({ detail: { device, about } }: { detail: DeviceDetail }) {
  const [isOpen, setOpen] = useState(false);
  const opener = useOpener(isOpen);
  const hands = about.owners.filter(({ from, owner }, at) => at > 0 || from !== null || owner !== null);
  return (
    <div class="about-field">
      <span>{aboutText.owner}</span>
      {isOpen ? (
        <HandOver deviceKey={device.key} owner={device.owner} hands={about.owners} onLeave={() => setOpen(false)} />
      ) : (
        <p class="about-owner">
          <OwnerName id={device.owner} />
          <button
            type="button"
            class="button"
            aria-label={aboutText.changeOwner}
            ref={opener}
            onClick={() => setOpen(true)}
          >
            {aboutText.change}
          </button>
        </p>
      )}
      {hands.length > 1 && (
        <ul class="about-hands">
          {about.owners.map(({ from, owner }) => (
            <li key={from ?? ""}>
              {from === null ? aboutText.atFirst : aboutText.since(formatDay(from))} <OwnerName id={owner} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function OwnerName({ id }: { id: number | null }) {
  const owner = ownerOf(id);
  if (owner === null) return <span>{householdText.nobody}</span>;
  return (
    <span class="about-owner-name">
      <i class={`chart-swatch chart-fill-${owner.colour}`} aria-hidden="true" /> <bdi>{owner.name}</bdi>
    </span>
  );
}

interface HandOverProps {
  readonly deviceKey: string;
  readonly owner: number | null;
  /** Whose it is and was, the earliest first. */
  readonly hands: DeviceDetail["about"]["owners"];
  readonly onLeave: () => void;
}

function HandOver({ deviceKey, owner, hands, onLeave }: HandOverProps) {
  const [chosen, choose] = useState(owner);
  // It has been somebody's: then most likely it is handed over from a day on.
  const [isFromDay, setFromDay] = useState(hands.some((hand) => hand.owner !== null));
  const [day, setDay] = useState(today.peek());
  const radios = useId();
  const replaced = hands.filter(({ from }) => from !== null && (!isFromDay || (day !== "" && from >= day)));
  const save = async () => {
    const from = isFromDay ? day : null;
    return (await change({ do: "hand-over", devices: [deviceKey], owner: chosen, from })) !== null;
  };
  return (
    <EditForm class="about-form" onSave={save} onLeave={onLeave}>
      <OwnerSelect label={aboutText.newOwner} owner={chosen} onChoose={choose} />
      {household.value?.owners.length === 0 && <small>{aboutText.noOwners}</small>}
      <fieldset>
        <legend>{aboutText.fromWhen}</legend>
        <label class="about-check">
          <input type="radio" name={radios} checked={!isFromDay} onChange={() => setFromDay(false)} />
          {aboutText.always}
        </label>
        <label class="about-check">
          <input type="radio" name={radios} checked={isFromDay} onChange={() => setFromDay(true)} />
          {aboutText.fromDay}
        </label>
        {isFromDay && (
          <input
            type="date"
            aria-label={aboutText.day}
            required
            value={day}
            onInput={(event) => setDay(event.currentTarget.value)}
          />
        )}
      </fieldset>
      {/* Always there: a region that comes with its text is not read aloud. */}
      <small role="status">
        {replaced.length > 0 && aboutText.replaces}
        {replaced.map(({ from, owner: whose }) => (
          <span key={from} class="about-replaced">
            {from !== null && aboutText.since(formatDay(from))} <OwnerName id={whose} />
          </span>
        ))}
      </small>
    </EditForm>
  );
}

/** Server and field agree: longer notes are refused. */
const MAX_NOTE = 2000;

function Note({ deviceKey, note }: { deviceKey: string; note: string | null }) {
  const [text, setText] = useState(note ?? "");
  const [isSaving, setSaving] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const before = useRef(note);
  // Changed elsewhere, or taken back: it is shown, but for what is being typed.
  useEffect(() => {
    const was = before.current ?? "";
    before.current = note;
    setText((typed) => (typed.trim() === was ? (note ?? "") : typed));
  }, [note]);
  const save = async () => {
    setSaving(true);
    await change({ do: "describe", devices: [deviceKey], note: text.trim() === "" ? null : text.trim() });
    setSaving(false);
    keepFocus(() => field.current);
  };
  const cancel = () => {
    setText(note ?? "");
    keepFocus(() => field.current);
  };
  const isChanged = text.trim() !== (note ?? "");
  return (
    <div class="about-field">
      <label class="about-note">
        <span>{aboutText.note}</span>
        <textarea
          ref={field}
          rows={3}
          maxLength={MAX_NOTE}
          dir="auto"
          value={text}
          readOnly={isSaving}
          placeholder={aboutText.notePlaceholder}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {isChanged && (
        <div class="settings-buttons">
          <button type="button" class="button button-primary" disabled={isSaving} onClick={() => void save()}>
            {aboutText.saveNote}
          </button>
          <button type="button" class="button" disabled={isSaving} onClick={cancel}>
            {householdText.cancel}
          </button>
        </div>
      )}
    </div>
  );
}
