import { useEffect, useId, useState } from "preact/hooks";
import { addDays } from "../../../src/shared/calendar-days.ts";
import { getJson } from "../api.ts";
import { displayName } from "../names.ts";
import { useOpened, useOpener } from "../shell/use-opened.ts";
import { mqtt, nameBroker, publishDevices, refreshMqtt, removeBroker, tryBroker } from "../state/mqtt.ts";
import { today } from "../state/today.ts";
import { mqttText } from "../texts/mqtt.ts";
import type { Mqtt, Usage, UsageDevice } from "../wire.ts";
import { partsOf, urlOfBroker } from "./broker-address.ts";
import { Section } from "./section.tsx";

/** Which broker is told what, for Home Assistant. */
export function MqttSection() {
  useEffect(() => void refreshMqtt(), []);
  const known = mqtt.value;
  if (known === null) return null;
  return (
    <Section title={mqttText.title}>
      <p class="settings-about">{mqttText.about}</p>
      <Broker known={known} />
      {known.url !== null && <Published known={known} />}
    </Section>
  );
}

function Broker({ known }: { known: Mqtt }) {
  const [isOpen, setOpen] = useState(false);
  const opener = useOpener(isOpen);
  const { url, bySetting } = known;
  return (
    <>
      {url !== null && (
        <p>
          <code>{url}</code> <State known={known} />
        </p>
      )}
      {bySetting && <p class="settings-about">{mqttText.bySetting}</p>}
      {!bySetting && isOpen && <BrokerForm url={url} onLeave={() => setOpen(false)} />}
      {!bySetting && !isOpen && (
        <p class="settings-buttons">
          <button
            type="button"
            class="button"
            aria-label={`${url === null ? mqttText.setUp : mqttText.change}: ${mqttText.host}`}
            ref={opener}
            onClick={() => setOpen(true)}
          >
            {url === null ? mqttText.setUp : mqttText.change}
          </button>
          {url !== null && (
            <button
              type="button"
              class="button"
              aria-label={`${mqttText.remove}: ${mqttText.host}`}
              onClick={() => void removeBroker()}
            >
              {mqttText.remove}
            </button>
          )}
        </p>
      )}
    </>
  );
}

function State({ known: { connected, why, published } }: { known: Mqtt }) {
  if (connected) return <span class="settings-about">{mqttText.connected(published)}</span>;
  if (why === null) return <span class="settings-about">{mqttText.connecting}</span>;
  return <span class="settings-problem">{mqttText.notConnected(why)}</span>;
}

function BrokerForm({ url, onLeave }: { url: string | null; onLeave: () => void }) {
  const [draft, setDraft] = useState(() => ({ ...partsOf(url), password: "" }));
  const [said, setSaid] = useState<{ ok: boolean; text: string } | null>(null);
  const [doing, setDoing] = useState<"test" | "save" | null>(null);
  const id = useId();
  const form = useOpened();
  const kept = partsOf(url);
  const isSameLogin = draft.user === kept.user && draft.host.trim() === kept.host && draft.tls === kept.tls;
  const keepsPassword = kept.password !== "" && isSameLogin;
  /** An empty field leaves the password as it is, where it is still the same broker and user. */
  const address = () =>
    urlOfBroker({ ...draft, password: draft.password === "" && keepsPassword ? kept.password : draft.password });
  const attempt = async (what: "test" | "save") => {
    if (draft.host.trim() === "") return setSaid({ ok: false, text: mqttText.noHost });
    setSaid(null);
    setDoing(what);
    const answer = what === "test" ? await tryBroker(address()) : await saved(address());
    setDoing(null);
    if (answer === null) onLeave();
    else setSaid(answer);
  };
  const change = (more: Partial<typeof draft>) => setDraft({ ...draft, ...more });
  return (
    <form
      noValidate
      class="settings-form"
      aria-busy={doing !== null}
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void attempt("save");
      }}
    >
      <label class="plan-field">
        <span>{mqttText.host}</span>
        <input
          type="text"
          inputMode="url"
          autocapitalize="none"
          autocomplete="off"
          spellcheck={false}
          placeholder={mqttText.hostExample}
          value={draft.host}
          aria-describedby={said === null ? undefined : id}
          onInput={(event) => change({ host: event.currentTarget.value })}
        />
      </label>
      <label class="settings-check">
        <input type="checkbox" checked={draft.tls} onChange={(event) => change({ tls: event.currentTarget.checked })} />
        <span>{mqttText.tls}</span>
      </label>
      <label class="plan-field">
        <span>{mqttText.user}</span>
        <input
          type="text"
          autocapitalize="none"
          autocomplete="off"
          value={draft.user}
          onInput={(event) => change({ user: event.currentTarget.value })}
        />
      </label>
      <label class="plan-field">
        <span>{mqttText.password}</span>
        <input
          type="password"
          autocomplete="new-password"
          placeholder={keepsPassword ? mqttText.passwordKept : ""}
          value={draft.password}
          onInput={(event) => change({ password: event.currentTarget.value })}
        />
      </label>
      {said !== null && (
        <p class={said.ok ? "settings-about" : "settings-problem"} id={id} role="alert">
          {said.text}
        </p>
      )}
      <div class="settings-buttons">
        <button type="submit" class="button button-primary" disabled={doing !== null}>
          {mqttText.save}
        </button>
        <button type="button" class="button" disabled={doing !== null} onClick={() => void attempt("test")}>
          {doing === "test" ? mqttText.testing : mqttText.test}
        </button>
        <button type="button" class="button" disabled={doing !== null} onClick={onLeave}>
          {mqttText.cancel}
        </button>
      </div>
    </form>
  );
}

async function saved(url: string): Promise<{ ok: boolean; text: string } | null> {
  const refused = await nameBroker(url);
  return refused === null ? null : { ok: false, text: refused };
}

type Choice = keyof typeof mqttText.choices;

function Published({ known: { devices } }: { known: Mqtt }) {
  const [wantsChosen, setWantsChosen] = useState(false);
  const choice: Choice = devices === "all" ? "all" : devices.length > 0 || wantsChosen ? "chosen" : "none";
  const name = useId();
  const choose = (next: Choice) => {
    setWantsChosen(next === "chosen");
    if (next === "all") void publishDevices("all");
    else if (devices === "all" || (next === "none" && devices.length > 0)) void publishDevices([]);
  };
  return (
    <fieldset class="settings-units">
      <legend>{mqttText.published}</legend>
      <p class="settings-about">{mqttText.publishedAbout}</p>
      {(["none", "all", "chosen"] as const).map((one) => (
        <label class="settings-check" key={one}>
          <input type="radio" name={name} checked={choice === one} onChange={() => choose(one)} />
          <span>{mqttText.choices[one]}</span>
        </label>
      ))}
      {choice === "chosen" && <Chosen keys={devices === "all" ? [] : devices} />}
    </fieldset>
  );
}

const DAYS_LISTED = 30;

/** The devices of the last month, the largest first. */
function Chosen({ keys }: { keys: readonly string[] }) {
  const [devices, setDevices] = useState<readonly UsageDevice[]>([]);
  useEffect(() => {
    const leave = new AbortController();
    const from = addDays(today.peek(), -DAYS_LISTED);
    getJson<Usage>("api/v1/usage", { from, group: "month" }, leave.signal).then(
      (usage) => setDevices(usage.devices),
      () => {},
    );
    return () => leave.abort();
  }, []);
  const toggle = (key: string, on: boolean) =>
    void publishDevices(on ? [...keys, key] : keys.filter((known) => known !== key));
  return (
    <fieldset class="settings-chosen">
      <legend class="visually-hidden">{mqttText.chosen}</legend>
      {devices.map((device) => (
        <label class="settings-check" key={device.key}>
          <input
            type="checkbox"
            checked={keys.includes(device.key)}
            onChange={(event) => toggle(device.key, event.currentTarget.checked)}
          />
          <bdi>{displayName(device)}</bdi>
        </label>
      ))}
    </fieldset>
  );
}
