import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { formatHour } from "../format.ts";
import { displayName } from "../names.ts";
import { Section } from "../settings/section.tsx";
import { saveAlerts } from "../state/alerts.ts";
import { reasonOf, sayDone } from "../state/toast.ts";
import { usage } from "../state/usage.ts";
import { alertsText } from "../texts/alerts.ts";
import type { AlertsReport } from "../wire.ts";
import { draftOf, type RulesDraft, rulesOf, type UsageDraft } from "./draft.ts";

/** What is told. */
export function Rules({ report }: { report: AlertsReport }) {
  const [draft, setDraft] = useState(() => draftOf(report));
  const [problem, setProblem] = useState<{ field: string | null; message: string } | null>(null);
  const id = useId();
  const change = (some: Partial<RulesDraft>) => {
    setDraft({ ...draft, ...some });
    setProblem(null);
  };
  const save = async () => {
    const next = rulesOf(draft);
    if ("message" in next) {
      setProblem(next);
      return;
    }
    try {
      await saveAlerts((input) => ({ ...input, ...next }));
      sayDone(alertsText.saved);
    } catch (error) {
      setProblem({ field: null, message: reasonOf(error, alertsText.notSaved) });
    }
  };
  const check = (field: "plan" | "forecast" | "newDevice" | "unusual" | "silent" | "missed" | "books" | "store") => ({
    checked: draft[field],
    onChange: (checked: boolean) => change({ [field]: checked }),
  });
  const text = (field: "percents" | "minutes" | "percent", mistake: string) => ({
    type: "text" as const,
    value: draft[field],
    "aria-invalid": problem?.field === mistake,
    "aria-describedby": problem?.field === mistake ? `${id}problem` : undefined,
    onInput: (event: { currentTarget: HTMLInputElement }) => change({ [field]: event.currentTarget.value }),
  });
  return (
    <Section title={alertsText.rules}>
      <form
        class="alerts-rules"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Rule label={alertsText.plan} {...check("plan")}>
          <input {...text("percents", "percents")} aria-label={alertsText.planPercents} />
          <span>%</span>
        </Rule>
        <Rule label={alertsText.planForecast} {...check("forecast")} />
        <Rule label={alertsText.unusual} {...check("unusual")} />
        <Rule label={alertsText.newDevice} {...check("newDevice")}>
          <label class="alerts-check">
            <input
              type="checkbox"
              checked={draft.privateMacs}
              onChange={(event) => change({ privateMacs: event.currentTarget.checked })}
            />
            <span>{alertsText.privateMacs}</span>
          </label>
          <label class="alerts-check">
            <input
              type="checkbox"
              checked={draft.proposed}
              disabled={!draft.privateMacs}
              onChange={(event) => change({ proposed: event.currentTarget.checked })}
            />
            <span>{alertsText.proposed}</span>
          </label>
        </Rule>
        <Rule label={alertsText.silent} {...check("silent")}>
          <input {...text("minutes", "minutes")} inputMode="numeric" aria-label={alertsText.minutes} />
          <span>{alertsText.minutes}</span>
        </Rule>
        <Rule label={alertsText.missed} {...check("missed")}>
          <input {...text("percent", "missed")} inputMode="decimal" aria-label={alertsText.percent} />
          <span>%</span>
        </Rule>
        <Rule label={alertsText.books} {...check("books")} />
        <Rule label={alertsText.store} {...check("store")} />
        {draft.usage.map((one, index) => (
          <Limit
            key={index}
            one={one}
            number={index + 1}
            isWrong={problem?.field === "usage"}
            onChange={(next) =>
              change({ usage: draft.usage.flatMap((old, at) => (at === index ? (next ?? []) : [old])) })
            }
          />
        ))}
        {draft.usage.length < 50 && (
          <p>
            <button
              type="button"
              class="button"
              onClick={() =>
                change({
                  usage: [...draft.usage, { device: null, gigabytes: "50", per: "day", counts: "both" }],
                })
              }
            >
              {alertsText.addUsage}
            </button>
          </p>
        )}
        <Rule
          label={alertsText.quiet}
          hint={alertsText.quietAbout}
          checked={draft.quiet}
          onChange={(quiet) => change({ quiet })}
        >
          <Hour label={alertsText.from} value={draft.from} onChange={(from) => change({ from })} />
          <Hour label={alertsText.to} value={draft.to} onChange={(to) => change({ to })} />
        </Rule>
        {problem !== null && (
          <p class="plan-problem" id={`${id}problem`} role="alert">
            {problem.message}
          </p>
        )}
        <p>
          <button type="submit" class="button button-primary">
            {alertsText.save}
          </button>
        </p>
      </form>
    </Section>
  );
}

interface RuleProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children?: ComponentChildren;
}

/** A rule that can be switched; its settings are shown while it is on. */
function Rule({ label, hint, checked, onChange, children }: RuleProps) {
  return (
    <div class="alerts-rule">
      <label class="alerts-check">
        <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
        <span>
          {label}
          {hint !== undefined && <span class="settings-about alerts-how">{hint}</span>}
        </span>
      </label>
      {checked && children !== undefined && <div class="alerts-row">{children}</div>}
    </div>
  );
}

interface LimitProps {
  readonly one: UsageDraft;
  readonly number: number;
  readonly isWrong: boolean;
  readonly onChange: (next: UsageDraft | null) => void;
}

/** Set by the API only, until owners can be chosen here. */
const OWNER = "owner";

function Limit({ one, number, isWrong, onChange }: LimitProps) {
  const known = (usage.value?.devices ?? []).map((device) => ({ key: device.key, name: displayName(device) }));
  const others = one.device === null || known.some(({ key }) => key === one.device) ? [] : [one.device];
  return (
    <fieldset class="alerts-limit">
      <legend>{alertsText.usage}</legend>
      <label class="plan-field">
        <span>{alertsText.device}</span>
        <select
          value={one.owner == null ? (one.device ?? "") : OWNER}
          onChange={({ currentTarget: { value } }) =>
            onChange(value === OWNER ? one : { ...one, device: value === "" ? null : value, owner: null })
          }
        >
          {one.owner != null && <option value={OWNER}>{alertsText.ownerOfRule}</option>}
          <option value="">{alertsText.eachDevice}</option>
          {others.map((key) => (
            <option key={key} value={key}>
              {key}
            </option>
          ))}
          {known.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="plan-field">
        <span>{alertsText.gigabytes}</span>
        <input
          type="text"
          inputMode="decimal"
          value={one.gigabytes}
          aria-invalid={isWrong}
          onInput={(event) => onChange({ ...one, gigabytes: event.currentTarget.value })}
        />
      </label>
      <label class="plan-field">
        <span>{alertsText.per}</span>
        <select
          value={one.per}
          onChange={(event) => onChange({ ...one, per: event.currentTarget.value === "cycle" ? "cycle" : "day" })}
        >
          <option value="day">{alertsText.periods.day}</option>
          <option value="cycle">{alertsText.periods.cycle}</option>
        </select>
      </label>
      <label class="plan-field">
        <span>{alertsText.counts}</span>
        <select
          value={one.counts}
          onChange={(event) => onChange({ ...one, counts: event.currentTarget.value as UsageDraft["counts"] })}
        >
          {(["both", "download", "upload"] as const).map((counts) => (
            <option key={counts} value={counts}>
              {alertsText.countChoices[counts]}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="button" aria-label={alertsText.removeUsage(number)} onClick={() => onChange(null)}>
        ×
      </button>
    </fieldset>
  );
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

function Hour({ label, value, onChange }: { label: string; value: number; onChange: (hour: number) => void }) {
  return (
    <label class="alerts-hour">
      <span>{label}</span>
      <select value={String(value)} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {HOURS.map((hour) => (
          <option key={hour} value={String(hour)}>
            {formatHour(`2024-01-01T${String(hour).padStart(2, "0")}`)}
          </option>
        ))}
      </select>
    </label>
  );
}
