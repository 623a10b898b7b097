import { useId, useRef, useState } from "preact/hooks";
import { TOKEN_SCOPES } from "../../../../src/shared/access-words.ts";
import { formatInstant } from "../../format.ts";
import { useOpened, useOpener } from "../../shell/use-opened.ts";
import { makeToken, revokeToken } from "../../state/access-keys.ts";
import { accessText } from "../../texts/access.ts";
import type { Tokens as Known, TokenScope } from "../../wire.ts";
import { Confirm } from "./confirm.tsx";
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

/** Server and form agree: longer names are cut. */
export const MAX_KEY_NAME = 60;

function TokenForm({ onLeave, onMade }: TokenFormProps) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenScope>("read");
  const [problem, setProblem] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const form = useOpened();
  const id = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    setSaving(true);
    setProblem(null);
    const made = await makeToken(name.trim(), scope);
    setSaving(false);
    if ("secret" in made) onMade(name.trim(), made.secret);
    else setProblem(made.refused);
  };
  return (
    <form
      class="settings-form"
      aria-busy={isSaving}
      ref={form}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.isComposing) onLeave();
      }}
    >
      <label class="plan-field">
        <span>{accessText.tokenName}</span>
        <input
          type="text"
          required
          pattern=".*\S.*"
          maxLength={MAX_KEY_NAME}
          autocomplete="off"
          dir="auto"
          placeholder={accessText.tokenExample}
          value={name}
          aria-describedby={problem === null ? undefined : id}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
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
      {problem !== null && (
        <p class="settings-problem" id={id} role="alert">
          {problem}
        </p>
      )}
      <div class="settings-buttons">
        <button type="submit" class="button button-primary" disabled={isSaving}>
          {accessText.make}
        </button>
        <button type="button" class="button" disabled={isSaving} onClick={onLeave}>
          {accessText.cancel}
        </button>
      </div>
    </form>
  );
}
