import { useState } from "preact/hooks";
import { formatCount, formatInstant } from "../../format.ts";
import { audit } from "../../state/access-keys.ts";
import { accessText } from "../../texts/access.ts";
import { householdText } from "../../texts/household.ts";

/** A list that is longer is shown when it is asked for. */
const SHOWN = 20;

/** Who changed what, and when. All of it is text from the network. */
export function Audit() {
  const [isWhole, setWhole] = useState(false);
  const entries = audit.value;
  if (entries === null) return null;
  const shown = isWhole ? entries : entries.slice(0, SHOWN);
  return (
    <div class="access-part">
      <h3>{accessText.audit}</h3>
      {entries.length === 0 ? (
        <p class="settings-about">{accessText.noAudit}</p>
      ) : (
        <details>
          <summary>{accessText.auditCount(formatCount(entries.length))}</summary>
          <ol class="settings-changes">
            {shown.map(({ at, by, what }, index) => (
              <li key={`${at} ${index}`}>
                <time dateTime={new Date(at).toISOString()} class="settings-about">
                  {formatInstant(at)}
                </time>
                <span class="access-line">
                  <bdi>{what}</bdi>
                  <bdi class="settings-about">{accessText.by[by.kind](by.name)}</bdi>
                </span>
              </li>
            ))}
          </ol>
          {shown.length < entries.length && (
            <button type="button" class="button" onClick={() => setWhole(true)}>
              {householdText.showAll(entries.length)}
            </button>
          )}
        </details>
      )}
    </div>
  );
}
