import type { ComponentChildren } from "preact";
import { formatBytes, formatBytesParts, formatChange, formatCount } from "../format.ts";
import { shownUsage } from "../state/filters.ts";
import { isMeasured } from "../state/measured.ts";
import { overviewText } from "../texts/overview.ts";
import type { Usage } from "../wire.ts";
import { comparisonOf } from "./comparison.ts";
import { Both, Devices, Download, Upload } from "./icons.tsx";

/** The four figures that are looked for first, each against the range before. */
export function Totals() {
  const known = shownUsage.value;
  const shown = known !== null && isMeasured(known) ? known : null;
  return (
    <TotalCards usage={shown} isBusy={known === null}>
      <Card name={overviewText.activeDevices} kind="devices" icon={<Devices />}>
        <Value number={shown === null ? "–" : formatCount(shown.totals.devices)} />
        <Change usage={shown} of={(side) => side.devices} count />
      </Card>
    </TotalCards>
  );
}

interface TotalCardsProps {
  /** Null where there are no figures. */
  readonly usage: Usage | null;
  readonly isBusy: boolean;
  /** The fourth card. */
  readonly children: ComponentChildren;
}

/** Download, upload and total, and beside them what else there is to say. */
export function TotalCards({ usage, isBusy, children }: TotalCardsProps) {
  return (
    <section aria-label={overviewText.totals} aria-busy={isBusy}>
      <dl class="shell-totals">
        <Card name={overviewText.download} kind="download" icon={<Download />}>
          <Bytes usage={usage} of={(side) => side.download} />
        </Card>
        <Card name={overviewText.upload} kind="upload" icon={<Upload />}>
          <Bytes usage={usage} of={(side) => side.upload} />
        </Card>
        <Card name={overviewText.total} kind="total" icon={<Both />}>
          <Bytes usage={usage} of={(side) => side.download + side.upload} />
        </Card>
        {children}
      </dl>
    </section>
  );
}

type Side = Usage["totals"];

/** One figure with its name, and below it whatever explains it. */
export function Card(props: { name: string; kind: string; icon: ComponentChildren; children: ComponentChildren }) {
  return (
    <div class={`panel shell-total shell-total-${props.kind}`}>
      <dt>
        {props.icon}
        {props.name}
      </dt>
      {props.children}
    </div>
  );
}

function Bytes({ usage, of }: { usage: Usage | null; of: (side: Side) => number }) {
  const amount = usage === null ? { number: "–", unit: "" } : formatBytesParts(of(usage.totals));
  return (
    <>
      <Value {...amount} />
      <Change usage={usage} of={of} />
    </>
  );
}

export function Value({ number, unit = "" }: { number: string; unit?: string }) {
  return (
    <dd class="shell-value">
      {number}
      {unit !== "" && <span class="shell-unit">{`\u00a0${unit}`}</span>}
    </dd>
  );
}

function Change({ usage, of, count = false }: { usage: Usage | null; of: (side: Side) => number; count?: boolean }) {
  if (usage === null) return <dd class="shell-change">{"\u00a0"}</dd>;
  const { previous, totals } = usage;
  const than = comparisonOf(usage);
  if (previous === null || than === null) return <dd class="shell-change">{overviewText.noEarlierData}</dd>;
  const [is, was] = [of(totals), of(previous)];
  if (count) {
    return <dd class="shell-change">{countText(is - was, than)}</dd>;
  }
  const change = formatChange(is, was);
  return (
    <dd class="shell-change">
      {change === null ? overviewText.nothing(than) : <strong>{change}</strong>}
      {change !== null && ` ${overviewText.versus(than, formatBytes(was))}`}
    </dd>
  );
}

function countText(more: number, than: string): string {
  if (more === 0) return overviewText.same(than);
  const count = formatCount(Math.abs(more));
  return more > 0 ? overviewText.more(count, than) : overviewText.fewer(count, than);
}
