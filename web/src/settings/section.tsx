import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { announceSection, sectionId } from "../state/sections.ts";

/** A card of the settings page, named by its heading. It is in the page's list of sections while it is there. */
export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  const card = useRef<HTMLElement>(null);
  useEffect(() => (card.current === null ? undefined : announceSection(title, card.current)), [title]);
  return (
    <section class="panel settings-section" id={sectionId(title)} aria-labelledby={id} ref={card} tabIndex={-1}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
