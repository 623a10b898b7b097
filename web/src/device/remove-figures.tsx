import { useRef, useState } from "preact/hooks";
import { getJson } from "../api.ts";
import { formatBytes, formatCount, formatDayRange } from "../format.ts";
import { keepFocus } from "../shell/use-opened.ts";
import { change } from "../state/household.ts";
import { reasonOf } from "../state/toast.ts";
import { today } from "../state/today.ts";
import { selection } from "../state/url.ts";
import { aboutText } from "../texts/about.ts";
import { failureText } from "../texts/failures.ts";
import type { DeviceDetail, Removable } from "../wire.ts";
import { Deed } from "./deed.tsx";

/** Deletes what a device used on some days, or on all. What goes is said before, and confirmed by its bytes. */
export function RemoveFigures({ detail }: { detail: DeviceDetail }) {
  const { key } = detail.device;
  const [from, setFrom] = useState(selection.peek().from);
  const [to, setTo] = useState(selection.peek().to);
  /** What would go; null until it was looked at. */
  const [removable, setRemovable] = useState<Removable | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const looker = useRef<HTMLButtonElement>(null);

  const look = async (first: string, last: string) => {
    setBusy(true);
    setProblem(null);
    try {
      const path = `api/v1/devices/${encodeURIComponent(key)}/removal`;
      setRemovable(await getJson<Removable>(path, { from: first, to: last }));
    } catch (error) {
      setProblem(reasonOf(error, failureText.noDevice));
    }
    setBusy(false);
  };
  const keep = () => {
    setRemovable(null);
    keepFocus(() => looker.current);
  };
  const remove = async (what: Removable) => {
    setBusy(true);
    const { from: first, to: last, bytes } = what;
    const answer = await change({ do: "remove", device: key, from: first, to: last, bytes });
    setBusy(false);
    if (answer !== null) keep();
    // The figures went on meanwhile: what goes is to be confirmed as it is now.
    else await look(first, last);
  };

  return (
    <Deed title={aboutText.remove} about={aboutText.removeAbout}>
      <form
        class="about-remove"
        aria-busy={isBusy}
        onSubmit={(event) => {
          event.preventDefault();
          const [first, last] = from <= to ? [from, to] : [to, from];
          void look(first, last);
        }}
      >
        <label>
          <span>{aboutText.from}</span>
          <input
            type="date"
            required
            max={today.value}
            value={from}
            onInput={(event) => {
              setFrom(event.currentTarget.value);
              setRemovable(null);
            }}
          />
        </label>
        <label>
          <span>{aboutText.to}</span>
          <input
            type="date"
            required
            max={today.value}
            value={to}
            onInput={(event) => {
              setTo(event.currentTarget.value);
              setRemovable(null);
            }}
          />
        </label>
        <button type="submit" class="button" disabled={isBusy} ref={looker}>
          {aboutText.look}
        </button>
        <button type="button" class="button" disabled={isBusy} onClick={() => void look(detail.firstDay, today.peek())}>
          {aboutText.lookAll}
        </button>
      </form>
      {problem !== null && (
        <p class="plan-problem" role="alert">
          {problem}
        </p>
      )}
      {removable !== null && (
        <div class="about-confirm" role="alert">
          {removable.days === 0 ? (
            <p>{aboutText.nothingToRemove(formatDayRange(removable.from, removable.to))}</p>
          ) : (
            <>
              <p>
                {aboutText.removes(
                  formatCount(removable.days),
                  removable.days === 1,
                  formatDayRange(removable.firstDay ?? removable.from, removable.lastDay ?? removable.to),
                  formatBytes(removable.download),
                  formatBytes(removable.upload),
                )}
              </p>
              <div class="settings-buttons">
                <button
                  type="button"
                  class="button about-danger"
                  disabled={isBusy}
                  onClick={() => void remove(removable)}
                >
                  {aboutText.removeNow(formatBytes(removable.bytes))}
                </button>
                <button type="button" class="button" disabled={isBusy} onClick={keep}>
                  {aboutText.keep}
                </button>
              </div>
            </>
          )}
        </div>
      )}
    </Deed>
  );
}
