import { useId, useState } from "preact/hooks";
import { formatAgo } from "../format.ts";
import { EditForm } from "../shell/edit-form.tsx";
import { useOpener } from "../shell/use-opened.ts";
import { nameSources, nameSourcesFailure, type SourceName, saveSource, switchSource } from "../state/name-sources.ts";
import { namesText } from "../texts/names.ts";
import type { NameSources } from "../wire.ts";
import { Section } from "./section.tsx";

/** Where names of devices are looked for: switched on, set up, and what came of it. */
export function NamesSection() {
  const sources = nameSources.value;
  const failure = nameSourcesFailure.value;
  if (sources === null) {
    if (failure === null) return null;
    return (
      <Section title={namesText.title}>
        <p role="alert">
          {failure.message} {failure.hint}
        </p>
      </Section>
    );
  }
  return (
    <Section title={namesText.title}>
      <p class="settings-about">{namesText.about}</p>
      <div class="settings-source">
        <Switch source="files" on={sources.files.on} isAllowed />
        {sources.files.on && <Files files={sources.files} />}
      </div>
      <div class="settings-source">
        <Switch source="mdns" on={sources.mdns.on} isAllowed />
        {sources.mdns.on && <State state={sources.mdns} />}
      </div>
      <Api source="pihole" api={sources.pihole} />
      <Api source="adguard" api={sources.adguard} />
    </Section>
  );
}

function Switch({ source, on, isAllowed }: { source: SourceName; on: boolean; isAllowed: boolean }) {
  const id = useId();
  const [isSaving, setSaving] = useState(false);
  const change = async (wanted: boolean) => {
    setSaving(true);
    await switchSource(source, wanted);
    setSaving(false);
  };
  return (
    <div class="settings-switch">
      <label>
        <input
          type="checkbox"
          role="switch"
          checked={on}
          aria-checked={on}
          disabled={isSaving || !isAllowed}
          aria-describedby={id}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
        <span>{namesText.sources[source]}</span>
      </label>
      <p class="settings-about" id={id}>
        {namesText.abouts[source]}
      </p>
    </div>
  );
}

function Files({ files: { paths } }: { files: NameSources["files"] }) {
  if (paths.length === 0) return <p class="settings-about">{namesText.noFiles}</p>;
  return (
    <ul class="settings-list">
      {paths.map(({ path, ...state }) => (
        <li key={path}>
          <code>{path}</code> <State state={state} />
        </li>
      ))}
    </ul>
  );
}

/** What came of it: how many names, when; or what is wrong. */
function State({ state }: { state: NameSources["mdns"] | Omit<NameSources["files"]["paths"][number], "path"> }) {
  const { names, readAt, problem } = state;
  if (problem !== null) return <span class="settings-problem">{problem}</span>;
  if (readAt === null) return <span class="settings-about">{namesText.notRead}</span>;
  return (
    <span class="settings-about">
      {namesText.names(names)}, {namesText.readAgo(formatAgo(readAt))}
    </span>
  );
}

type ApiSource = "pihole" | "adguard";

/** A program that is asked at its address: its form is open until it has one. */
function Api({ source, api }: { source: ApiSource; api: NameSources[ApiSource] }) {
  const [isOpen, setOpen] = useState(false);
  const opener = useOpener(isOpen);
  const isSetUp = api.url !== "";
  return (
    <div class="settings-source">
      <Switch source={source} on={api.on} isAllowed={isSetUp} />
      {isSetUp && (
        <p>
          <code>{api.url}</code> {api.on && <State state={api} />}
        </p>
      )}
      {isOpen ? (
        <ApiForm source={source} api={api} onLeave={() => setOpen(false)} />
      ) : (
        <p>
          <button
            type="button"
            class="button"
            aria-label={`${isSetUp ? namesText.change : namesText.setUp}: ${namesText.sources[source]}`}
            ref={opener}
            onClick={() => setOpen(true)}
          >
            {isSetUp ? namesText.change : namesText.setUp}
          </button>
        </p>
      )}
    </div>
  );
}

interface ApiFormProps {
  readonly source: ApiSource;
  readonly api: NameSources[ApiSource];
  readonly onLeave: () => void;
}

function ApiForm({ source, api, onLeave }: ApiFormProps) {
  const [url, setUrl] = useState(api.url);
  const [user, setUser] = useState("user" in api ? (api.user ?? "") : "");
  const [password, setPassword] = useState("");
  const save = async () => {
    const how = { on: true, url: url.trim(), ...(password === "" ? {} : { password }) };
    const refused = await saveSource(
      source,
      source === "pihole" ? { pihole: how } : { adguard: { ...how, user: user.trim() === "" ? null : user.trim() } },
    );
    return refused ?? true;
  };
  return (
    <EditForm
      class="settings-form"
      noValidate
      saveText={namesText.saveAndTest}
      savingText={namesText.testing}
      onSave={save}
      onLeave={onLeave}
    >
      {(problem) => (
        <>
          <label class="plan-field">
            <span>{namesText.url}</span>
            <input
              type="url"
              inputMode="url"
              required
              autocomplete="off"
              placeholder={namesText.urlExample[source]}
              value={url}
              aria-describedby={problem}
              onInput={(event) => setUrl(event.currentTarget.value)}
            />
          </label>
          {source === "adguard" && (
            <label class="plan-field">
              <span>{namesText.user}</span>
              <input
                type="text"
                autocomplete="off"
                value={user}
                onInput={(event) => setUser(event.currentTarget.value)}
              />
            </label>
          )}
          <label class="plan-field">
            <span>{namesText.password}</span>
            <input
              type="password"
              autocomplete="new-password"
              placeholder={api.hasPassword ? namesText.passwordKept : ""}
              value={password}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          </label>
        </>
      )}
    </EditForm>
  );
}
