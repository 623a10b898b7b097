import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { copyText } from "../../devices/copy.ts";
import { accessText } from "../../texts/access.ts";

interface OnceProps {
  readonly title: string;
  readonly secret: string;
  readonly warning: string;
  readonly how: string;
  readonly onClose: () => void;
}

/** A secret that was just made: it is in this page alone, and gone when this is closed. */
export function Once({ title, secret, warning, how, onClose }: OnceProps) {
  const [said, setSaid] = useState<"copied" | "refused" | null>(null);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const copy = async () => setSaid((await copyText(secret)) ? "copied" : "refused");
  return (
    <section class="settings-form access-once" aria-labelledby={`${id}title`}>
      <h4 id={`${id}title`}>
        <bdi>{title}</bdi>
      </h4>
      <div class="access-secret">
        <input
          type="text"
          readOnly
          aria-labelledby={`${id}title`}
          aria-describedby={`${id}warning`}
          ref={field}
          value={secret}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="button button-primary" onClick={() => void copy()}>
          {said === "copied" ? accessText.copied : accessText.copy}
        </button>
      </div>
      <p id={`${id}warning`}>
        <strong>{warning}</strong> {how}
      </p>
      <p class={said === "refused" ? "settings-problem" : "visually-hidden"} role="status">
        {said === "copied" ? accessText.copied : said === "refused" ? accessText.copyRefused : ""}
      </p>
      <p>
        <button type="button" class="button" onClick={onClose}>
          {accessText.close}
        </button>
      </p>
    </section>
  );
}
