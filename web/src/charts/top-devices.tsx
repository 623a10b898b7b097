import { useState } from "preact/hooks";
import { formatBytes, formatBytesParts, formatShare } from "../format.ts";
import { onlyOwner } from "../state/access.ts";
import { groupIn } from "../state/groups.ts";
import { rankBy } from "../state/preferences.ts";
import type { QueryChanges } from "../state/ranges.ts";
import { colourOf } from "../state/top-devices.ts";
import { followLink, hrefFor, navigate } from "../state/url.ts";
import { amountOf } from "../state/usage.ts";
import { chartText } from "../texts/charts.ts";
import { groupsText } from "../texts/groups.ts";
import type { Usage } from "../wire.ts";
import { slicesOf } from "./doughnut.ts";
import { fillOf, nameOf, nothingIn } from "./labels.ts";
import { type Layer, layersOf } from "./layers.ts";
import { MeasureSwitch } from "./measure-switch.tsx";

const SIZE = 200;
const RADIUS = { outer: 98, inner: 66 };

export interface TopDevicesProps {
  /** Of the devices that are shown. */
  readonly usage: Usage;
  /** What all devices used: shares are of it, here as in the table. */
  readonly everyone: Usage["totals"];
}

/** Who used how much: a doughnut, and beside it a table of bars with the same figures. Pointing at one shows the other. */
export function TopDevices({ usage, everyone }: TopDevicesProps) {
  const [active, setActive] = useState<string | null>(null);
  const by = rankBy.value;
  const layers = layersOf(usage, by, colourOf);
  const everything = amountOf(everyone, by);
  const slices = slicesOf(layers, everything, RADIUS);
  const total = layers.reduce((sum, layer) => sum + layer.total, 0);
  const biggest = Math.max(1, ...layers.map((layer) => layer.total));
  const pointed = slices.find((slice) => slice.layer.id === active);
  const isPart = total < everything;
  const centre = formatBytesParts(pointed ? pointed.layer.total : total);
  const leave = (id: string) => setActive((now) => (now === id ? null : now));

  return (
    <section class="panel chart-top" aria-labelledby="chart-top-title">
      <header class="panel-head">
        <h2 id="chart-top-title">{groupsText.top[usage.by]}</h2>
        <MeasureSwitch />
      </header>
      {layers.length === 0 ? (
        <p class="chart-nothing">{nothingIn(usage)}</p>
      ) : (
        <div class="chart-top-body">
          {/* The table beside it says the same. */}
          <svg
            class={active === null ? "chart-doughnut" : "chart-doughnut chart-doughnut-pointed"}
            viewBox={`${-SIZE / 2} ${-SIZE / 2} ${SIZE} ${SIZE}`}
            aria-hidden="true"
          >
            {slices.map(({ layer, path }) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: a short cut for pointers; the table has the links
              <path
                key={layer.id}
                class={`${fillOf(layer)} chart-slice${layer.id === active ? " chart-slice-active" : ""}`}
                d={path}
                onPointerEnter={() => setActive(layer.id)}
                onPointerLeave={() => leave(layer.id)}
                onClick={() => {
                  const open = openingOf(layer);
                  if (open !== null) navigate(open, { top: true });
                }}
              />
            ))}
            <text class="chart-centre" y={pointed ? -6 : 0}>
              {centre.number}
              <tspan class="chart-centre-unit" dx="4">
                {centre.unit}
              </tspan>
            </text>
            <text class="chart-centre-note" y={pointed ? 16 : 22}>
              {pointed
                ? formatShare(pointed.share)
                : isPart
                  ? chartText.shareOfAll(formatShare(total / everything))
                  : chartText.centre[by]}
            </text>
          </svg>
          <table class="chart-ranks">
            <caption class="visually-hidden">{chartText.ranks(by, groupsText.noun[usage.by])}</caption>
            <thead class="visually-hidden">
              <tr>
                <th scope="col">{groupsText.noun[usage.by]}</th>
                <th scope="col">{chartText.measuresInFull[by]}</th>
                <th scope="col">{isPart ? chartText.shareOfAllDevices : chartText.share}</th>
              </tr>
            </thead>
            <tbody>
              {slices.map(({ layer, share }) => {
                const open = openingOf(layer);
                return (
                  <tr
                    key={layer.id}
                    class={layer.id === active ? "chart-rank chart-rank-active" : "chart-rank"}
                    onPointerEnter={() => setActive(layer.id)}
                    onPointerLeave={() => leave(layer.id)}
                    onFocusCapture={() => setActive(layer.id)}
                    onBlurCapture={() => leave(layer.id)}
                  >
                    <th scope="row" class="chart-rank-name">
                      {open === null ? (
                        <bdi>{nameOf(layer)}</bdi>
                      ) : (
                        <a href={hrefFor(open)} onClick={(event) => followLink(event, open, { top: true })}>
                          <bdi>{nameOf(layer)}</bdi>
                        </a>
                      )}
                      <svg class="chart-rank-bar" aria-hidden="true">
                        <rect
                          class={fillOf(layer)}
                          width={`${Math.max(0.5, (layer.total / biggest) * 100)}%`}
                          height="100%"
                          rx="3"
                        />
                      </svg>
                    </th>
                    <td class="chart-rank-figure">{formatBytes(layer.total)}</td>
                    <td class="chart-rank-figure">{formatShare(share)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {isPart && <p class="chart-note">{chartText.sharesOfAll}</p>}
    </section>
  );
}

/** Where a layer leads: to the device, or to an owner's devices; null where there is nothing more to see. */
function openingOf({ device }: Layer): QueryChanges | null {
  if (device === null || onlyOwner.value !== null) return null;
  const group = groupIn(device.key);
  if (group === null) return { device: device.key };
  return group.by === "owner" ? { by: null, owner: group.key } : null;
}
