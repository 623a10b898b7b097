import { ROLES } from "../devices/roles.ts";
import { processSettings, settingsFailure } from "../state/settings.ts";
import { settingsText } from "../texts/settings.ts";
import { Section } from "./section.tsx";

/** What WhiteStat was started with: to be read here, and changed elsewhere. */
export function ProcessSection() {
  const settings = processSettings.value;
  const failure = settingsFailure.value;
  const { columns } = settingsText;
  if (settings === null) {
    return (
      <Section title={settingsText.process}>
        {failure === null ? (
          <p>{settingsText.loading}</p>
        ) : (
          <p role="alert">
            {failure.message} {failure.hint}
          </p>
        )}
      </Section>
    );
  }
  const changed = settings.process.filter(({ origin }) => origin !== "default").length;
  return (
    <Section title={settingsText.process}>
      <p class="settings-about">{settingsText.processAbout(settings.file)}</p>
      <details>
        <summary>{settingsText.processCount(settings.process.length, changed)}</summary>
        <table {...ROLES.table} class="settings-process">
          <thead {...ROLES.group}>
            <tr {...ROLES.row}>
              <th {...ROLES.columnHeader} scope="col">
                {columns.key}
              </th>
              <th {...ROLES.columnHeader} scope="col">
                {columns.value}
              </th>
              <th {...ROLES.columnHeader} scope="col">
                {columns.origin}
              </th>
              <th {...ROLES.columnHeader} scope="col">
                {columns.about}
              </th>
            </tr>
          </thead>
          <tbody {...ROLES.group}>
            {settings.process.map(({ key, value, origin, sentence, allowed }) => (
              <tr {...ROLES.row} key={key}>
                <th {...ROLES.rowHeader} scope="row">
                  <code>{key}</code>
                </th>
                <td {...ROLES.cell}>
                  {value === "" ? <span class="settings-about">{settingsText.empty}</span> : <code>{value}</code>}
                </td>
                <td {...ROLES.cell}>{origin}</td>
                <td {...ROLES.cell} class="settings-about">
                  {sentence} {settingsText.allowed(allowed)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </Section>
  );
}
