import type { ComponentChildren } from "preact";
import { changeText } from "../../../src/shared/days-in-text.ts";
import { formatBytes, formatDay, formatDayRange, formatInstant } from "../format.ts";
import { displayName } from "../names.ts";
import { keepFocus } from "../shell/use-opened.ts";
import { household, undo } from "../state/household.ts";
import { householdText } from "../texts/household.ts";
import type { Household } from "../wire.ts";
import { Section } from "./section.tsx";

/** So many of the last changes are shown. */
const SHOWN = 20;

/** The focus stays with the line; where it went too, with the section. */
async function takeBack(id: number, button: HTMLElement): Promise<void> {
  const line = button.closest("li");
  const section = button.closest("section");
  await undo(id);
  keepFocus(
    () => line,
    () => section,
  );
}

/** What was changed lately, each with the way back. */
export function ChangesSection() {
  const known = household.value;
  if (known === null) return null;
  const changes = known.changes.slice(0, SHOWN);
  return (
    <Section title={householdText.changes}>
      <p class="settings-about">{changes.length === 0 ? householdText.noChanges : householdText.changesAbout}</p>
      {changes.length > 0 && (
        <ul class="settings-changes">
          {changes.map((change) => (
            <Change key={change.id} {...change} />
          ))}
        </ul>
      )}
      <Removals household={known} />
    </Section>
  );
}

function Change({ id, at, text: said, undone }: Household["changes"][number]) {
  const text = changeText(said, formatDay);
  return (
    <Line at={at} text={text}>
      {undone ? (
        <span class="settings-about">{householdText.wasUndone}</span>
      ) : (
        <TakeBack id={id} label={householdText.undo} name={householdText.undoOf(text)} />
      )}
    </Line>
  );
}

/** What was done when, and what can be done about it. */
function Line({ at, text, children }: { at: number; text: string; children: ComponentChildren }) {
  return (
    <li tabIndex={-1}>
      <time dateTime={new Date(at).toISOString()} class="settings-about">
        {formatInstant(at)}
      </time>
      <bdi>{text}</bdi>
      {children}
    </li>
  );
}

/** @param name what a screen reader says: there are several of a label */
function TakeBack({ id, label, name }: { id: number; label: string; name: string }) {
  return (
    <button type="button" class="button" aria-label={name} onClick={(event) => void takeBack(id, event.currentTarget)}>
      {label}
    </button>
  );
}

/** Figures that somebody deleted: they are kept, and come back when they are wanted. */
function Removals({ household: { removals, devices } }: { household: Household }) {
  if (removals.length === 0) return null;
  return (
    <>
      <h3>{householdText.removals}</h3>
      <ul class="settings-changes">
        {removals.map(({ id, at, device, from, to, download, upload }) => {
          const known = devices.find(({ key }) => key === device);
          const name = known === undefined ? device : displayName(known);
          const what = householdText.removal(name, formatDayRange(from, to), formatBytes(download + upload));
          return (
            <Line key={id} at={at} text={what}>
              <TakeBack id={id} label={householdText.restore} name={householdText.restoreOf(what)} />
            </Line>
          );
        })}
      </ul>
    </>
  );
}
