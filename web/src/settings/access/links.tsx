import { useRef, useState } from "preact/hooks";
import { urlOf } from "../../api.ts";
import { formatInstant } from "../../format.ts";
import { EditForm } from "../../shell/edit-form.tsx";
import { useOpener } from "../../shell/use-opened.ts";
import { makeLink, revokeLink } from "../../state/access-keys.ts";
import { ownerOf, owners } from "../../state/household.ts";
import { now } from "../../state/today.ts";
import { accessText } from "../../texts/access.ts";
import type { ViewLinks } from "../../wire.ts";
import { Confirm } from "./confirm.tsx";
import { KeyName } from "./key-name.tsx";
import { Once } from "./once.tsx";
import { Used } from "./sessions.tsx";

type Link = ViewLinks["links"][number];

interface LinksProps {
  readonly links: readonly Link[];
  /** Whether new ones can be made. */
  readonly isOffered: boolean;
}

/** Addresses that show figures, and let nothing be changed. */
export function Links({ links, isOffered }: LinksProps) {
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  const opener = useOpener(isAdding || made !== null);
  const heading = useRef<HTMLHeadingElement>(null);
  const revoke = async (id: string, name: string) => {
    const isDone = await revokeLink(id, name);
    if (isDone) heading.current?.focus();
    return isDone;
  };
  return (
    <div class="access-part">
      <h3 tabIndex={-1} ref={heading}>
        {accessText.links}
      </h3>
      <p class="settings-about">
        {accessText.linksAbout} {!isOffered && accessText.linksNeedless}
      </p>
      {links.length === 0 ? (
        <p>{accessText.noLinks}</p>
      ) : (
        <ul class="settings-changes">
          {links.map((link) => (
            <li key={link.id}>
              <Line link={link} />
              <Confirm
                label={accessText.revoke}
                name={accessText.revokeLink(link.name)}
                what={accessText.revokeLinkWhat(link.name)}
                onDo={() => revoke(link.id, link.name)}
              />
            </li>
          ))}
        </ul>
      )}
      {made !== null && (
        <Once
          title={accessText.linkMade(made.name)}
          secret={made.secret}
          warning={accessText.linkOnce}
          how={accessText.linkHow}
          onClose={() => setMade(null)}
        />
      )}
      {isAdding && (
        <LinkForm
          onLeave={() => setAdding(false)}
          onMade={(name, path) => {
            setMade({ name, secret: urlOf(path) });
            setAdding(false);
          }}
        />
      )}
      {isOffered && !isAdding && made === null && (
        <p>
          <button type="button" class="button" ref={opener} onClick={() => setAdding(true)}>
            {accessText.newLink}
          </button>
        </p>
      )}
    </div>
  );
}

function Line({ link: { name, owner, usedAt, expiresAt } }: { link: Link }) {
  return (
    <span class="access-line">
      <bdi>{name}</bdi>
      <span class="settings-about">
        <bdi>
          {owner === null ? accessText.everybody : accessText.devicesOf(ownerOf(owner)?.name ?? accessText.ofNobody)}
        </bdi>
        {expiresAt !== null && `, ${accessText.linkEnds(formatInstant(expiresAt))}`}, <Used at={usedAt} />
      </span>
    </span>
  );
}

const DAY_MS = 86_400_000;
type Ends = keyof typeof accessText.endsChoices;
const ENDS = ["never", "1", "7", "30", "365"] as const satisfies readonly Ends[];

interface LinkFormProps {
  readonly onLeave: () => void;
  readonly onMade: (name: string, path: string) => void;
}

function LinkForm({ onLeave, onMade }: LinkFormProps) {
  const [name, setName] = useState("");
  const [owner, setOwner] = useState<number | null>(null);
  const [ends, setEnds] = useState<Ends>("never");
  const save = async () => {
    const expiresAt = ends === "never" ? null : Math.round(now.peek()) + Number(ends) * DAY_MS;
    const made = await makeLink(name.trim(), owner, expiresAt);
    if (!("secret" in made)) return made.refused;
    onMade(name.trim(), made.secret);
    return true;
  };
  return (
    <EditForm class="settings-form" saveText={accessText.make} onSave={save} onLeave={onLeave}>
      {(problem) => (
        <>
          <KeyName
            label={accessText.linkName}
            example={accessText.linkExample}
            name={name}
            problem={problem}
            onName={setName}
          />
          <label class="plan-field">
            <span>{accessText.shows}</span>
            <select
              value={owner === null ? "" : String(owner)}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setOwner(value === "" ? null : Number(value));
              }}
            >
              <option value="">{accessText.everybody}</option>
              {owners.value.map((one) => (
                <option key={one.id} value={String(one.id)}>
                  {accessText.devicesOf(one.name)}
                </option>
              ))}
            </select>
          </label>
          <label class="plan-field">
            <span>{accessText.ends}</span>
            <select
              value={ends}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setEnds(ENDS.find((one) => one === value) ?? "never");
              }}
            >
              {ENDS.map((one) => (
                <option key={one} value={one}>
                  {accessText.endsChoices[one]}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
    </EditForm>
  );
}
