import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useOpener } from "../../shell/use-opened.ts";
import { accessText } from "../../texts/access.ts";

interface ConfirmProps {
  readonly label: string;
  /** Says of what, for who doesn't see the line. */
  readonly name?: string;
  /** What comes of it. */
  readonly what: string;
  /** @returns whether it was done: then this is usually gone with its line */
  readonly onDo: () => Promise<boolean>;
}

/** A button for what can't be taken back: it asks once more, in its own place. */
export function Confirm({ label, name, what, onDo }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false);
  const [isDoing, setDoing] = useState(false);
  const opener = useOpener(isOpen);
  const keep = useRef<HTMLButtonElement>(null);
  // What changes nothing takes the focus: Enter pressed twice does no harm.
  useLayoutEffect(() => {
    if (isOpen) keep.current?.focus();
  }, [isOpen]);
  if (!isOpen) {
    return (
      <button type="button" class="button" aria-label={name} ref={opener} onClick={() => setOpen(true)}>
        {label}
      </button>
    );
  }
  const act = async () => {
    setDoing(true);
    await onDo();
    setDoing(false);
    setOpen(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape on either button
    <div
      class="access-confirm"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !isDoing) setOpen(false);
      }}
    >
      <p role="alert">
        <bdi>{what}</bdi>
      </p>
      <div class="settings-buttons">
        <button
          type="button"
          class="button access-danger"
          aria-label={name}
          disabled={isDoing}
          onClick={() => void act()}
        >
          {label}
        </button>
        <button type="button" class="button" ref={keep} disabled={isDoing} onClick={() => setOpen(false)}>
          {accessText.keep}
        </button>
      </div>
    </div>
  );
}
