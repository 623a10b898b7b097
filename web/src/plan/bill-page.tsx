import { useState } from "preact/hooks";
import { saveFile } from "../devices/copy.ts";
import { formatDay, formatDayRange, formatPlanBytes, formatShare, formatWeekday } from "../format.ts";
import { BILL_KEYS, billCheck, billFailure } from "../state/bill.ts";
import { showAllCycles } from "../state/plan.ts";
import { planReport } from "../state/plan-report.ts";
import { followLink, hrefFor, navigate } from "../state/url.ts";
import { billText } from "../texts/bill.ts";
import { planText } from "../texts/plan.ts";
import type { BillCheck } from "../wire.ts";
import { billCsv } from "./bill-csv.ts";
import { amountText } from "./draft.ts";
import { NotCountedText } from "./not-counted.tsx";

const BACK = { open: null, [BILL_KEYS.cycle]: null, [BILL_KEYS.bytes]: null };
/** Up to this share of the provider's figure, nobody looks for causes. */
const SAME = 0.01;
/** From this share of the difference on, a cause is called likely. */
const LIKELY = 0.75;
/** Causes that explain less are not worth a line. */
const NOTHING = 0.005;

/** A provider's figure beside ours: how far they are apart, why that may be, and ours day by day. */
export function BillPage() {
  const [check, failure] = [billCheck.value, billFailure.value];
  return (
    <article class="settings-page bill-page">
      <p class="bill-back">
        <a class="device-back" href={hrefFor(BACK)} onClick={(event) => followLink(event, BACK)}>
          <span aria-hidden="true">←</span> {billText.back}
        </a>
      </p>
      <h1>{planText.billTitle}</h1>
      {failure !== null && (
        <p class="panel settings-problem" role="alert">
          {failure.code === "no-plan" ? planText.billNoPlan : `${failure.message} ${failure.hint ?? ""}`}
        </p>
      )}
      {check !== null && failure?.code !== "no-plan" && (
        <>
          <Question key={`${check.cycle.from} ${check.bytes}`} check={check} />
          {check.difference !== null && <Result check={check} difference={check.difference} />}
          {check.difference !== null && <Causes check={check} difference={check.difference} />}
          <Days check={check} />
        </>
      )}
    </article>
  );
}

function Question({ check }: { check: BillCheck }) {
  const { plan, cycle, bytes, today } = check;
  const [figure, setFigure] = useState(bytes === null ? "" : amountText(bytes, plan.unit));
  const [isWrong, setIsWrong] = useState(false);
  const report = planReport.value;
  const isMore = report !== null && report.pastCycles > report.past.length;
  const known = [...(report?.cycle ? [report.cycle] : []), ...(report?.past ?? [])];
  const cycles = known.some(({ from }) => from === cycle.from) ? known : [cycle, ...known];
  const submit = (event: Event) => {
    event.preventDefault();
    const number = Number(figure);
    const said = Math.round(number * plan.unit ** 3);
    if (figure.trim() !== "" && !(number >= 0 && Number.isSafeInteger(said))) {
      setIsWrong(true);
      return;
    }
    navigate({ [BILL_KEYS.cycle]: cycle.from, [BILL_KEYS.bytes]: figure.trim() === "" ? null : String(said) });
  };
  return (
    <section class="panel">
      <h2 class="bill-printed">{formatDayRange(cycle.from, cycle.to)}</h2>
      <form class="bill-form bill-question" noValidate onSubmit={submit}>
        <p class="settings-about">{billText.intro}</p>
        <div class="plan-fields">
          <label class="plan-field">
            <span>{billText.cycle}</span>
            <select
              value={cycle.from}
              onChange={(event) => navigate({ [BILL_KEYS.cycle]: event.currentTarget.value, [BILL_KEYS.bytes]: null })}
            >
              {cycles.map(({ from, to }) => (
                <option key={from} value={from}>
                  {to >= today ? billText.running(formatDayRange(from, to)) : formatDayRange(from, to)}
                </option>
              ))}
            </select>
          </label>
          {isMore && (
            <button type="button" class="button" onClick={showAllCycles}>
              {planText.showAll(report.pastCycles)}
            </button>
          )}
          <label class="plan-field">
            <span>{billText.says(planText.units[plan.unit])}</span>
            <input
              type="number"
              inputMode="decimal"
              min="0"
              step="any"
              value={figure}
              aria-invalid={isWrong}
              aria-describedby={isWrong ? "bill-wrong" : undefined}
              onInput={(event) => {
                setFigure(event.currentTarget.value);
                setIsWrong(false);
              }}
            />
          </label>
          <button type="submit" class="button button-primary">
            {billText.compare}
          </button>
        </div>
        {isWrong && (
          <p class="plan-problem" id="bill-wrong" role="alert">
            {billText.wrong}
          </p>
        )}
      </form>
    </section>
  );
}

function Result({ check, difference }: { check: BillCheck; difference: number }) {
  const { plan, bytes, ours, causes } = check;
  const theirs = bytes ?? 0;
  const [best] = causes;
  const verdict =
    Math.abs(difference) <= theirs * SAME
      ? billText.verdicts.same
      : best !== undefined && best.explains >= LIKELY
        ? billText.verdicts.explained(billText.cause[best.kind].title)
        : billText.verdicts.unexplained;
  return (
    <section class="panel bill-result" aria-label={billText.figures.difference}>
      <dl>
        <div>
          <dt>{billText.figures.theirs}</dt>
          <dd>{formatPlanBytes(theirs, plan.unit)}</dd>
        </div>
        <div>
          <dt>{billText.figures.ours}</dt>
          <dd>{formatPlanBytes(ours, plan.unit)}</dd>
        </div>
        <div>
          <dt>{billText.figures.difference}</dt>
          <dd>
            {signed(difference, plan.unit)}
            {theirs > 0 && <small>{billText.ofTheirs(formatShare(Math.abs(difference) / theirs))}</small>}
          </dd>
        </div>
      </dl>
      <p role="status">
        <strong>{verdict}</strong>
      </p>
    </section>
  );
}

function Causes({ check, difference }: { check: BillCheck; difference: number }) {
  const { unit } = check.plan;
  const listed = check.causes.filter(({ explains }) => explains >= NOTHING);
  if (difference === 0) return null;
  return (
    <section class="panel">
      <h2>{billText.causes}</h2>
      {listed.length === 0 ? (
        <p>{billText.noCauses}</p>
      ) : (
        <>
          <p class="settings-about">{billText.causesAbout}</p>
          <table class="bill-causes">
            <thead>
              <tr>
                <th scope="col">{billText.columns.cause}</th>
                <th scope="col">{billText.columns.effect}</th>
                <th scope="col">{billText.columns.explains}</th>
                <th scope="col">{billText.columns.leaves}</th>
              </tr>
            </thead>
            <tbody>
              {listed.map(({ kind, low, high, explains, leaves, figure }) => (
                <tr key={kind}>
                  <th scope="row">
                    {billText.cause[kind].title}
                    <p class="plan-remarks">{billText.cause[kind].about(figure ?? 0)}</p>
                  </th>
                  <td data-label={billText.columns.effect}>{effectText(low, high, unit)}</td>
                  <td data-label={billText.columns.explains}>
                    <span class="bill-share" aria-hidden="true">
                      <span style={{ width: `${explains * 100}%` }} />
                    </span>{" "}
                    {formatShare(explains)}
                  </td>
                  <td data-label={billText.columns.leaves}>{signed(leaves, unit)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

function Days({ check }: { check: BillCheck }) {
  const { days, plan, cycle, bytes, ours } = check;
  const amount = (of: number) => formatPlanBytes(of, plan.unit);
  const hasFree = days.some(({ free }) => free > 0);
  const { dayColumns } = billText;
  const save = () =>
    saveFile(billText.csvFile(cycle.from, cycle.to), "text/csv;charset=utf-8", billCsv(check, navigator.language));
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>{billText.days}</h2>
        <span class="bill-buttons">
          <button type="button" class="button" onClick={() => print()}>
            {billText.print}
          </button>
          <button type="button" class="button" onClick={save}>
            {billText.csv}
          </button>
        </span>
      </div>
      {bytes !== null && <p class="settings-about">{billText.spreadAbout}</p>}
      <NotCountedText notCounted={check.notCounted} />
      <div class="plan-scroll">
        <table class="bill-days">
          <thead>
            <tr>
              <th scope="col">{dayColumns.day}</th>
              <th scope="col" class="bill-detail">
                {dayColumns.download}
              </th>
              <th scope="col" class="bill-detail">
                {dayColumns.upload}
              </th>
              {hasFree && (
                <th scope="col" class="bill-detail">
                  {dayColumns.free}
                </th>
              )}
              <th scope="col">{dayColumns.counted}</th>
              <th scope="col">{dayColumns.sum}</th>
              {bytes !== null && <th scope="col">{dayColumns.spread}</th>}
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, download, upload, free, counted, sum, spread, measured }) => (
              <tr key={day}>
                <th scope="row">
                  {formatWeekday(day)} {formatDay(day, "short")}
                  {!measured && <span class="plan-remarks"> {billText.unmeasured}</span>}
                </th>
                <td class="bill-detail">{amount(download)}</td>
                <td class="bill-detail">{amount(upload)}</td>
                {hasFree && <td class="bill-detail">{amount(free)}</td>}
                <td>{amount(counted)}</td>
                <td>{amount(sum)}</td>
                {spread !== null && <td>{amount(spread)}</td>}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{billText.total}</th>
              <td class="bill-detail">{amount(days.reduce((all, { download }) => all + download, 0))}</td>
              <td class="bill-detail">{amount(days.reduce((all, { upload }) => all + upload, 0))}</td>
              {hasFree && <td class="bill-detail">{amount(days.reduce((all, { free }) => all + free, 0))}</td>}
              <td>{amount(ours)}</td>
              <td>{amount(ours)}</td>
              {bytes !== null && <td>{amount(bytes)}</td>}
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}

/** An amount with its sign. */
function signed(bytes: number, unit: 1000 | 1024): string {
  const text = formatPlanBytes(Math.abs(bytes), unit);
  return bytes === 0 ? text : `${bytes > 0 ? "+" : "−"}${text}`;
}

function effectText(low: number, high: number, unit: 1000 | 1024): string {
  const [least, most] = [signed(low, unit), signed(high, unit)];
  return least === most ? least : billText.range(least, most);
}
