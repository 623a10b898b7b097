import { html } from "hono/html";
import { documentOf, pageResponse } from "./document.ts";
import { type HttpRequest, mountOf } from "./exchange.ts";
import { type PageDeps, type PageModel, pageModel } from "./page-model.ts";
import { type DayRange, rangeIn } from "./ranges.ts";
import { bytesText } from "./readable-text.ts";
import type { Route } from "./router.ts";

/** The plain first page, without script, for `/` (today) and `/history?start=&end=`. */
export function pageRoutes(deps: PageDeps, basePath: string): Route[] {
  const today = () => deps.calendar.dayOf(deps.now());
  const pageOf = async (request: HttpRequest, range: DayRange) =>
    pageResponse(renderPage(await pageModel(deps, range), mountOf(request, basePath)), 200);
  return [
    { method: "GET", path: "/", handle: (request) => pageOf(request, { from: today(), to: today() }) },
    { method: "GET", path: "/history", handle: (request) => pageOf(request, rangeIn(request, today())) },
  ];
}

/** The page as HTML. `html` escapes every value: names and messages are untrusted. */
function renderPage(model: PageModel, basePath: string) {
  const { totals } = model;
  return documentOf(
    `${bytesText(totals.in + totals.out)} · ${model.heading} · WhiteStat`,
    html`<header>
<h1>${model.heading}</h1>
${model.demo ? html`<p class="banner">Demo: simulated data.</p>` : ""}
<p class="quiet">${model.healthLine}</p>
${model.alarms.map(({ message, hint, since }) => html`<p role="alert"><span class="alarm">${message}</span> ${hint} <span class="quiet">Since ${since}.</span></p>`)}
<nav aria-label="Range">${model.links.map(({ text, query }) => html`<a href="${basePath}/history${query}">${text}</a> `)}</nav>
</header>
<main>
${model.empty === null ? deviceTable(model) : html`<p>${model.empty}</p>`}
${model.remarks.map((remark) => html`<p class="quiet">${remark}</p>`)}
${
  model.notes.length === 0
    ? ""
    : html`<h2>Recent events</h2>
<ul>${model.notes.map(({ at, text }) => html`<li><span class="quiet">${at}</span> ${text}</li>`)}</ul>`
}
<p class="quiet">This data: <a href="${basePath}/json">/json</a>, <a href="${basePath}/table">/table</a>. ${totals.count} ${totals.count === 1 ? "device" : "devices"}.</p>
</main>`,
  );
}

function deviceTable({ devices, others, totals }: PageModel) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Devices">
<table>
<thead><tr><th scope="col">Name</th><th scope="col">Addresses</th><th scope="col" class="number">Download</th><th scope="col" class="number">Upload</th><th scope="col" class="number">Total</th><th scope="col">Last seen</th></tr></thead>
<tbody>
${devices.map(
  (
    device,
  ) => html`<tr><td class="name"><bdi>${device.name}</bdi></td><td class="wide">${device.addresses}${device.mac === "" ? "" : html`<br><span class="quiet">${device.mac}</span>`}</td><td class="number" data-label="Download">${bytesText(device.in)}</td><td class="number" data-label="Upload">${bytesText(device.out)}</td><td class="number" data-label="Total">${device.marks} ${bytesText(device.in + device.out)}</td><td class="wide" data-label="Last seen">${device.lastSeen}</td></tr>
`,
)}${others === null ? "" : html`<tr><td class="name">${others.count} others</td><td class="wide"></td><td class="number" data-label="Download">${bytesText(others.in)}</td><td class="number" data-label="Upload">${bytesText(others.out)}</td><td class="number" data-label="Total">${bytesText(others.in + others.out)}</td><td class="wide"></td></tr>`}</tbody>
<tfoot><tr><th scope="row" colspan="2">Total</th><td class="number" data-label="Download">${bytesText(totals.in)}</td><td class="number" data-label="Upload">${bytesText(totals.out)}</td><td class="number" data-label="Total">${bytesText(totals.in + totals.out)}</td><td></td></tr></tfoot>
</table>
</div>`;
}
