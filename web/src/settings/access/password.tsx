import { useId, useState } from "preact/hooks";
import { EditForm } from "../../shell/edit-form.tsx";
import { useOpener } from "../../shell/use-opened.ts";
import { setPassword } from "../../state/access-keys.ts";
import { accessText } from "../../texts/access.ts";
import type { AccessState } from "../../wire.ts";

/** The household's password: whether there is one, and a form that sets another. */
export function Password({ mode, hasPassword }: { mode: AccessState["mode"]; hasPassword: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const opener = useOpener(isOpen);
  const isAsked = mode !== "open";
  const known = isAsked ? accessText.passwordIsSet : accessText.passwordIsSetBefore;
  const unknown = isAsked ? accessText.noPasswordYet : accessText.noPassword;
  return (
    <div class="access-part">
      <h3>{accessText.password}</h3>
      <p class="settings-about">{hasPassword ? known : unknown}</p>
      {isOpen ? (
        <PasswordForm hasPassword={hasPassword} onLeave={() => setOpen(false)} />
      ) : (
        <p>
          <button type="button" class="button" ref={opener} onClick={() => setOpen(true)}>
            {hasPassword ? accessText.changePassword : accessText.setPassword}
          </button>
        </p>
      )}
    </div>
  );
}

/** Server and form agree: others are refused. */
const LENGTH = { min: 8, max: 200 };

function PasswordForm({ hasPassword, onLeave }: { hasPassword: boolean; onLeave: () => void }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [isShown, setShown] = useState(false);
  const rule = useId();
  const type = isShown ? ({ type: "text" } as const) : ({ type: "password" } as const);
  const save = async () => (await setPassword(next, hasPassword ? current : null)) ?? true;
  return (
    <EditForm class="settings-form" onSave={save} onLeave={onLeave}>
      {(problem) => (
        <>
          {hasPassword && (
            <label class="plan-field">
              <span>{accessText.currentPassword}</span>
              <input
                {...type}
                autocomplete="current-password"
                required
                maxLength={1000}
                value={current}
                aria-describedby={problem}
                onInput={(event) => setCurrent(event.currentTarget.value)}
              />
            </label>
          )}
          {/* Password managers keep passwords by it. */}
          <input type="text" name="username" autocomplete="username" value="whitestat" readOnly hidden />
          <label class="plan-field">
            <span>{accessText.newPassword}</span>
            <input
              {...type}
              autocomplete="new-password"
              required
              minLength={LENGTH.min}
              maxLength={LENGTH.max}
              value={next}
              aria-describedby={problem === undefined ? rule : `${rule} ${problem}`}
              onInput={(event) => setNext(event.currentTarget.value)}
            />
            <small id={rule}>{accessText.passwordRule}</small>
          </label>
          <label class="settings-check">
            <input type="checkbox" checked={isShown} onChange={(event) => setShown(event.currentTarget.checked)} />
            <span>{accessText.showPassword}</span>
          </label>
          {hasPassword && <p class="settings-about">{accessText.forgotten}</p>}
        </>
      )}
    </EditForm>
  );
}
