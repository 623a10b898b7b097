import type { ComponentChildren } from "preact";
import { failureText } from "../texts/failures.ts";

/** What stands in the place of a view that can't be shown. */
export function Missing({ heading, text, children }: { heading: string; text: string; children: ComponentChildren }) {
  return (
    <section class="panel shell-missing">
      <h1>{heading}</h1>
      <p>{text}</p>
      <p>{children}</p>
    </section>
  );
}

/** The code of a view could not be fetched. */
export function Outdated({ heading }: { heading: string }) {
  return (
    <Missing heading={heading} text={failureText.outdated}>
      <button type="button" class="button" onClick={() => location.reload()}>
        {failureText.reload}
      </button>
    </Missing>
  );
}
