import { signal, useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { ApiFailure, putJson } from "../api.ts";
import { displayName } from "../names.ts";
import { mayWrite } from "../state/access.ts";
import { detail, refreshDevice } from "../state/device.ts";
import { refresh, usage } from "../state/usage.ts";
import { renameText } from "../texts/devices.ts";
import type { ApiDevice } from "../wire.ts";

type Named = Pick<ApiDevice, "key" | "name" | "hostname" | "vendor">;

interface Draft {
  readonly text: string;
  readonly saving: boolean;
  /** Why it was not saved. */
  readonly problem: string | null;
  /** Just opened: takes the focus. */
  readonly fresh: boolean;
}

/**
 * Names being typed, by place. They live here and not in the row, so that a row that leaves the page or moves takes
 * nothing along that a person wrote.
 */
const drafts = signal<ReadonlyMap<string, Draft>>(new Map());

/** The longest name that the server takes. */
const MAX_NAME = 200;

/** Whether a name is being edited at a place. */
export function isEdited(place: string): boolean {
  return drafts.value.has(place);
}

/** Whether any name is being edited. */
export function isAnyEdited(): boolean {
  return drafts.value.size > 0;
}

function put(place: string, draft: Draft | null): void {
  const next = new Map(drafts.peek());
  if (draft) next.set(place, draft);
  else next.delete(place);
  drafts.value = next;
}

export interface RenameProps {
  /** Where on the page: the same device may be shown twice. */
  readonly place: string;
  readonly device: Named;
  /** The name as it is shown while it is not being edited, e.g. a link or a heading. */
  readonly children: ComponentChildren;
}

/**
 * A device's name with a button to change it in place. Enter saves, Escape leaves; an empty name gives the one on the
 * network back. When it can't be saved, that is said beside it and the text stays.
 */
export function Rename({ place, device, children }: RenameProps) {
  const draft = useComputed(() => drafts.value.get(place)).value;
  const isOffered = mayWrite.value;
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    // Only where the editor had it: whoever went on elsewhere is not called back.
    if (wasOpen.current && !draft && (document.activeElement ?? document.body) === document.body)
      button.current?.focus();
    wasOpen.current = draft !== undefined;
  });
  if (draft) {
    // What is edited stays where it was, out of sight and reach: no row grows or jumps.
    return (
      <>
        <span class="devices-named devices-named-edited" inert>
          {children}
        </span>
        <Editor place={place} device={device} draft={draft} />
      </>
    );
  }
  const shown = displayName(device);
  const open = () =>
    put(place, { text: device.name ?? device.hostname ?? "", saving: false, problem: null, fresh: true });
  return (
    <span class="devices-named">
      {children}
      {isOffered && (
        <button type="button" class="devices-pencil" aria-label={renameText.rename(shown)} ref={button} onClick={open}>
          <Pencil />
        </button>
      )}
    </span>
  );
}

function Editor({ place, device, draft }: { place: string; device: Named; draft: Draft }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // Before the next key: one typed right after Enter belongs to the name.
  useLayoutEffect(() => {
    if (!draft.fresh) return;
    input.current?.focus();
    input.current?.select();
    put(place, { ...draft, fresh: false });
  }, []);

  const leave = () => put(place, null);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (!draft.saving) void save(place, device, draft);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing || draft.saving) return;
    event.stopPropagation();
    leave();
  };
  const hint = device.hostname === null ? renameText.name : renameText.emptyFor(device.hostname);
  return (
    <form class="devices-rename" aria-busy={draft.saving} onSubmit={onSubmit}>
      <input
        type="text"
        class="devices-rename-input"
        aria-label={renameText.nameOf(displayName(device))}
        aria-invalid={draft.problem !== null}
        aria-describedby={draft.problem === null ? undefined : id}
        autocomplete="off"
        autocapitalize="words"
        spellcheck={false}
        enterkeyhint="done"
        maxLength={MAX_NAME}
        placeholder={hint}
        value={draft.text}
        readOnly={draft.saving}
        dir="auto"
        ref={input}
        onKeyDown={onKeyDown}
        onInput={(event) => put(place, { ...draft, text: event.currentTarget.value, problem: null })}
      />
      <button type="submit" class="button button-primary" disabled={draft.saving}>
        {renameText.save}
      </button>
      <button type="button" class="button" disabled={draft.saving} onClick={leave}>
        {renameText.cancel}
      </button>
      {draft.problem !== null && (
        <p class="devices-problem" id={id} role="alert">
          {draft.problem}
        </p>
      )}
    </form>
  );
}

async function save(place: string, device: Named, draft: Draft): Promise<void> {
  const text = draft.text.trim();
  if (text === (device.name ?? device.hostname ?? "")) {
    put(place, null);
    return;
  }
  put(place, { ...draft, saving: true, problem: null });
  try {
    const name = text === "" ? null : text;
    const saved = await putJson<{ name: string | null }>(`api/v1/devices/${encodeURIComponent(device.key)}/name`, {
      name,
    });
    show(device.key, saved.name);
    put(place, null);
  } catch (error) {
    const problem =
      error instanceof ApiFailure ? `${error.message} ${error.hint ?? ""}`.trim() : renameText.unknownReason;
    put(place, { ...draft, saving: false, problem: renameText.notSaved(problem) });
    return;
  }
  void refresh();
  void refreshDevice();
}

/** Shows the new name everywhere at once, before the figures are read again. */
function show(key: string, name: string | null): void {
  const figures = usage.peek();
  if (figures) {
    const devices = figures.devices.map((device) => (device.key === key ? { ...device, name } : device));
    usage.value = { ...figures, devices };
  }
  const open = detail.peek();
  if (open?.device.key === key) detail.value = { ...open, device: { ...open.device, name } };
}

function Pencil() {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d="M4 20h4L19 9l-4-4L4 16v4Zm9-13 4 4" />
    </svg>
  );
}
