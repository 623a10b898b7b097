import { signal } from "@preact/signals";

/** A part of a long page that can be gone to. */
export interface PageSection {
  readonly title: string;
  readonly element: HTMLElement;
}

/** What the address of a section ends in: `#section-owners`. */
export function sectionId(title: string): string {
  return `section-${title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")}`;
}

/** The sections of the page that is shown, in their order. They come and go with what they are about. */
export const sections = signal<readonly PageSection[]>([]);

/**
 * A section is there. One that the address names is gone to: when the browser looked for it, nothing was drawn.
 * @returns to be called when it is gone
 */
export function announceSection(title: string, element: HTMLElement): () => void {
  const own: PageSection = { title, element };
  sections.value = [...sections.peek(), own].sort((a, b) =>
    a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
  );
  if (location.hash === `#${element.id}`) element.scrollIntoView();
  return () => {
    sections.value = sections.peek().filter((one) => one !== own);
  };
}
