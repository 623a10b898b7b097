import { useId, useState } from "preact/hooks";
import { formatTime } from "../format.ts";
import { Section } from "../settings/section.tsx";
import { saveAlerts, testChannel } from "../state/alerts.ts";
import { reasonOf, sayDone, sayFailed } from "../state/toast.ts";
import { alertsText } from "../texts/alerts.ts";
import type { AlertsReport } from "../wire.ts";

type Channel = AlertsReport["channels"][number];
type Kind = AlertsReport["history"][number]["rule"];

/** Where alerts are sent. */
export function Channels({ report }: { report: AlertsReport }) {
  return (
    <Section title={alertsText.channels}>
      <p class="settings-about">{alertsText.channelsAbout}</p>
      {report.channels.length === 0 && <p>{alertsText.noChannels}</p>}
      <ul class="alerts-channels">
        {report.channels.map((channel) => (
          <Row key={channel.id} channel={channel} />
        ))}
      </ul>
      <NewChannel />
    </Section>
  );
}

function Row({ channel }: { channel: Channel }) {
  const { id, label, enabled } = channel;
  const name = channel.name ?? label;
  const change = (others: Partial<Pick<Channel, "enabled" | "kinds">> | null, done: string | null) => {
    saveAlerts((input) => ({
      ...input,
      channels: input.channels.flatMap((one) =>
        one.id !== id ? [one] : others === null ? [] : [{ ...one, ...others }],
      ),
    })).then(
      () => {
        if (done !== null) sayDone(done);
      },
      (error: unknown) => sayFailed(error, alertsText.notSaved),
    );
  };
  return (
    <li>
      <label class="alerts-check">
        <input
          type="checkbox"
          checked={enabled}
          aria-label={alertsText.enabled(name)}
          onChange={(event) => change({ enabled: event.currentTarget.checked }, null)}
        />
        <span>
          <bdi>{name}</bdi>
          {channel.name !== null && <span class="settings-about"> {label}</span>}
          <span class="settings-about alerts-how">{howItIs(channel)}</span>
        </span>
      </label>
      <Kinds channel={channel} name={name} onChange={(kinds) => change({ kinds }, null)} />
      <div class="alerts-row">
        <TestButton label={alertsText.testOf(name)} which={{ channel: id }} />
        <button
          type="button"
          class="button"
          aria-label={alertsText.remove(name)}
          onClick={() => change(null, alertsText.removed(name))}
        >
          {alertsText.removeShort}
        </button>
      </div>
    </li>
  );
}

const KINDS = (Object.keys(alertsText.kinds) as Kind[]).filter((kind) => kind !== "digest" && kind !== "test");

/** Which kinds of alerts go there: all, unless some are taken off. */
function Kinds(props: { channel: Channel; name: string; onChange: (kinds: Channel["kinds"]) => void }) {
  const { channel, name, onChange } = props;
  const chosen = channel.kinds ?? KINDS;
  const put = (kind: Kind, isChosen: boolean) => {
    const next = KINDS.filter((one) => (one === kind ? isChosen : chosen.includes(one)));
    onChange(next.length === KINDS.length ? null : next);
  };
  return (
    <details class="alerts-kinds">
      <summary aria-label={alertsText.whichOf(name)}>
        {channel.kinds === null ? alertsText.allKinds : alertsText.someKinds(chosen.length, KINDS.length)}
      </summary>
      <div class="alerts-kinds-list">
        {KINDS.map((kind) => (
          <label class="alerts-check" key={kind}>
            <input
              type="checkbox"
              checked={chosen.includes(kind)}
              // A channel that gets nothing is switched off above.
              disabled={chosen.length === 1 && chosen.includes(kind)}
              onChange={(event) => put(kind, event.currentTarget.checked)}
            />
            <span>{alertsText.kinds[kind]}</span>
          </label>
        ))}
      </div>
    </details>
  );
}

function howItIs({ enabled, waiting, failures, nextAt, answer }: Channel): string {
  const parts = [
    !enabled && alertsText.off,
    waiting > 0 && alertsText.waiting(waiting),
    failures > 0 && alertsText.failing(failures, nextAt === null ? null : formatTime(nextAt)),
    failures > 0 && answer,
    enabled && failures === 0 && waiting === 0 && (answer === null ? alertsText.unused : alertsText.well),
  ];
  return parts.filter(Boolean).join(" · ");
}

function NewChannel() {
  const [url, setUrl] = useState("");
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  const add = async () => {
    try {
      const channel = { name: name.trim() === "" ? null : name.trim(), url: url.trim(), enabled: true };
      await saveAlerts((input) => ({ ...input, channels: [...input.channels, channel] }));
      setUrl("");
      setName("");
      sayDone(alertsText.added);
    } catch (error) {
      setProblem(reasonOf(error, alertsText.notSaved));
    }
  };
  return (
    <form
      class="alerts-new"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label class="plan-field alerts-wide">
        <span>{alertsText.address}</span>
        <input
          type="text"
          required
          maxLength={2000}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={url}
          aria-invalid={problem !== null}
          aria-describedby={`${id}about`}
          onInput={(event) => {
            setUrl(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <small id={`${id}about`}>{alertsText.addressExamples}</small>
      </label>
      <label class="plan-field">
        <span>{alertsText.name}</span>
        <input
          type="text"
          maxLength={60}
          placeholder={alertsText.optional}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      {problem !== null && (
        <p class="plan-problem" role="alert">
          {problem}
        </p>
      )}
      <div class="alerts-row">
        <button type="submit" class="button button-primary">
          {alertsText.add}
        </button>
        {url.trim() !== "" && <TestButton label={alertsText.test} which={{ url: url.trim() }} />}
      </div>
    </form>
  );
}

/** Sends a test, and says below itself what the other side said. */
function TestButton({ label, which }: { label: string; which: Parameters<typeof testChannel>[0] }) {
  const [said, setSaid] = useState<{ ok: boolean; text: string } | null>(null);
  const [isSending, setIsSending] = useState(false);
  const send = async () => {
    setIsSending(true);
    setSaid(null);
    try {
      const { ok, answer } = await testChannel(which);
      setSaid({ ok, text: ok ? alertsText.testOk(answer) : alertsText.testFailed(answer) });
    } catch (error) {
      setSaid({ ok: false, text: reasonOf(error, alertsText.notSaved) });
    }
    setIsSending(false);
  };
  return (
    <>
      <button type="button" class="button" aria-label={label} disabled={isSending} onClick={() => void send()}>
        {isSending ? alertsText.testing : alertsText.test}
      </button>
      <p class={said?.ok === false ? "alerts-said alerts-dead" : "alerts-said"} role="status">
        {said !== null && <bdi>{said.text}</bdi>}
      </p>
    </>
  );
}
