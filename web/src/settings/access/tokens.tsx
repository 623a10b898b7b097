import { useRef, useState } from "preact/hooks";
import { TOKEN_SCOPES } from "../../../../src/shared/access-words.ts";
import { formatInstant } from "../../format.ts";
import { EditForm } from "../../shell/edit-form.tsx";
import { useOpener } from "../../shell/use-opened.ts";
import { makeToken, revokeToken } from "../../state/access-keys.ts";
import { accessText } from "../../texts/access.ts";
import type { Tokens as Known, TokenScope } from "../../wire.ts";
import { Confirm } from "./confirm.tsx";
import { KeyName } from "./key-name.tsx";
import { Once } from "./once.tsx";
import { Used } from "./sessions.tsx";

interface TokensProps {
  readonly tokens: Known["tokens"];
  /** Whether new ones can be made. */
  readonly isOffered: boolean;
}

/** What programs send instead of the password. */
export function Tokens({ tokens, isOffered }: TokensProps) {
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  const opener = useOpener(isAdding || made !== null);
  const heading = useRef<HTMLHeadingElement>(null);
  const revoke = async (id: string, name: string) => {
    const isDone = await revokeToken(id, name);
    if (isDone) heading.current?.focus();
    return isDone;
  };
  return (
    <div class="access-part">
      <h3 tabIndex={-1} ref={heading}>
        {accessText.tokens}
      </h3>
      <p class="settings-about">{accessText.tokensAbout}</p>
      {tokens.length === 0 ? (
        <p>{accessText.noTokens}</p>
      ) : (
        <ul class="settings-changes">
          {tokens.map(({ id, name, scope, createdAt, usedAt }) => (
            <li key={id}>
              <span class="access-line">
                <bdi>{name}</bdi>
                <span class="settings-about">
                  {accessText.scopes[scope]}, {accessText.created(formatInstant(createdAt))}, <Used at={usedAt} />
                </span>
              </span>
              <Confirm
                label={accessText.revoke}
                name={accessText.revokeToken(name)}
                what={accessText.revokeTokenWhat(name)}
                onDo={() => revoke(id, name)}
              />
            </li>
          ))}
        </ul>
      )}
      {made !== null && (
        <Once
          title={accessText.tokenMade(made.name)}
          secret={made.secret}
          warning={accessText.tokenOnce}
          how={accessText.tokenHow}
          onClose={() => setMade(null)}
        />
      )}
      {isAdding && (
        <TokenForm
          onLeave={() => setAdding(false)}
          onMade={(name, secret) => {
            setMade({ name, secret });
            setAdding(false);
          }}
        />
      )}
      {isOffered && !isAdding && made === null && (
        <p>
          <button type="button" class="button" ref={opener} onClick={() => setAdding(true)}>
            {accessText.newToken}
          </button>
        </p>
      )}
    </div>
  );
}

interface TokenFormProps {
  readonly onLeave: () => void;
  readonly onMade: (name: string, secret: string) => void;
}

function TokenForm({ onLeave, onMade }: TokenFormProps) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenScope>("read");
  const save = async () => {
    const made = await makeToken(name.trim(), scope);
    if (!("secret" in made)) return made.refused;
    onMade(name.trim(), made.secret);
    return true;
  };
  return (
    <EditForm class="settings-form" saveText={accessText.make} onSave={save} onLeave={onLeave}>
      {(problem) => (
        <>
          <KeyName
            label={accessText.tokenName}
            example={accessText.tokenExample}
            name={name}
            problem={problem}
            onName={setName}
          />
          <label class="plan-field">
            <span>{accessText.scope}</span>
            <select
              value={scope}
              onChange={(event) => {
                const chosen = event.currentTarget.value;
                setScope(TOKEN_SCOPES.find((one) => one === chosen) ?? "read");
              }}
            >
              {TOKEN_SCOPES.map((one) => (
                <option key={one} value={one}>
                  {accessText.scopes[one]}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
    </EditForm>
  );
}
