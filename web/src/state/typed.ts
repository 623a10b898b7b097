/** What is being written on the page, and would be lost with it. */

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const touched = new Set<Field>();

/** Begins to watch. Fields outside of forms are kept in the address: filters and searches. */
export function startTyped(): void {
  document.addEventListener("input", ({ target }) => {
    forgetGone();
    if (target instanceof HTMLTextAreaElement) touched.add(target);
    else if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) {
      if (target.closest("form") !== null) touched.add(target);
    }
  });
}

/** Whether somebody has begun to fill a form in, and neither saved nor left it. */
export function isTyping(): boolean {
  forgetGone();
  return touched.size > 0;
}

function forgetGone(): void {
  for (const field of touched) if (!field.isConnected || field.value === "") touched.delete(field);
}
