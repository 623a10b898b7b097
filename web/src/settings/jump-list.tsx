import { type PageSection, sections } from "../state/sections.ts";
import { isPlainClick } from "../state/url.ts";
import { settingsText } from "../texts/settings.ts";

/** Links to the sections of a long page. It stays in reach: its top is the screen's while the page is scrolled. */
export function JumpList() {
  return (
    <nav class="settings-jump" aria-label={settingsText.sections}>
      <ul>
        {sections.value.map((section) => (
          <li key={section.element.id}>
            <a href={`#${section.element.id}`} onClick={(event) => follow(event, section)}>
              {section.title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** As the browser would, but for the step in its history: going back leaves the page, however often one jumped in it. */
function follow(event: MouseEvent, { element }: PageSection): void {
  if (!isPlainClick(event)) return;
  event.preventDefault();
  history.replaceState(history.state, "", `#${element.id}`);
  element.scrollIntoView();
  element.focus({ preventScroll: true });
}
