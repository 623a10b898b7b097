import type { ComponentChildren } from "preact";

/** Something that is rarely done, with what it does. */
export function Deed({ title, about, children }: { title: string; about: string; children: ComponentChildren }) {
  return (
    <div class="about-deed">
      <h3>{title}</h3>
      <p class="settings-about">{about}</p>
      {children}
    </div>
  );
}
