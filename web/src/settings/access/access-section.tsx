import { useEffect } from "preact/hooks";
import { access } from "../../state/access.ts";
import { keysFailure, links, refreshKeys, sessions, tokens } from "../../state/access-keys.ts";
import { processSettings } from "../../state/settings.ts";
import { accessText } from "../../texts/access.ts";
import { Section } from "../section.tsx";
import { Audit } from "./audit.tsx";
import { Links } from "./links.tsx";
import { Password } from "./password.tsx";
import { Sessions } from "./sessions.tsx";
import { Tokens } from "./tokens.tsx";

/** Who may come in: the password, sessions, tokens, view links, and who changed what. */
export function AccessSection() {
  const state = access.value;
  const mayManage = state?.mayManage === true;
  useEffect(() => {
    if (mayManage) void refreshKeys();
  }, [mayManage]);
  if (state === null || !mayManage) return null;
  const { mode, hasPassword } = state;
  const file = processSettings.value?.file;
  return (
    <Section title={accessText.title}>
      <p>{accessText.modes[mode]}</p>
      {file !== undefined && <p class="settings-about">{accessText.where(file)}</p>}
      {mode !== "proxy" && <Password mode={mode} hasPassword={hasPassword === true} />}
      {keysFailure.value !== null && <p role="alert">{keysFailure.value}</p>}
      {/* Where nobody signs in, there may be some of a time when people did. */}
      {sessions.value !== null && (mode === "read-only" || mode === "password" || sessions.value.length > 0) && (
        <Sessions sessions={sessions.value} />
      )}
      {tokens.value !== null && (mode !== "open" || tokens.value.length > 0) && (
        <Tokens tokens={tokens.value} isOffered={mode !== "open"} />
      )}
      {links.value !== null && (mode === "password" || mode === "proxy" || links.value.length > 0) && (
        <Links links={links.value} isOffered={mode === "password" || mode === "proxy"} />
      )}
      <Audit />
    </Section>
  );
}
