import { processSettings } from "../state/settings.ts";
import { settingsText } from "../texts/settings.ts";
import { Routers } from "./routers.tsx";
import { Section } from "./section.tsx";

/** What is taken for the LAN. */
export function NetworkSection() {
  return (
    <Section title={settingsText.network}>
      <Segments />
      <Routers />
    </Section>
  );
}

function Segments() {
  const segments = processSettings.value?.segments;
  if (segments === undefined) return null;
  const all = [
    ...segments.named.map((text) => ({ text, origin: settingsText.named })),
    ...segments.found.map((text) => ({ text, origin: settingsText.found })),
  ];
  return (
    <>
      <h3>{settingsText.segments}</h3>
      <p class="settings-about">{segments.auto ? settingsText.segmentsAuto : settingsText.segmentsFixed}</p>
      {all.length === 0 ? (
        <p>{settingsText.noSegments}</p>
      ) : (
        <ul class="settings-list">
          {all.map(({ text, origin }) => (
            <li key={text}>
              <code>{networkText(text)}</code> <span class="settings-about">{origin}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** `192.168.1`, as the old versions wrote it, in full. */
function networkText(text: string): string {
  return /^\d+\.\d+\.\d+$/.test(text) ? `${text}.0/24` : text;
}
