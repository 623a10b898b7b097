import type { DarkstatModel, SimulatedHost } from "./model.ts";

/** The versions whose pages are known to the byte. */
export type SimulatedVersion = "3.0.719" | "3.0.721";

export interface PageStyle {
  readonly version: SimulatedVersion;
  readonly interface: string;
  /** False as with `--no-macs`, `--no-lastseen`. */
  readonly columns: { readonly mac: boolean; readonly lastSeen: boolean };
}

export type SortOrder = "in" | "out" | "total" | "lastseen";

export interface HostsQuery {
  readonly sort: SortOrder;
  readonly full: boolean;
  readonly start: number;
}

const ROWS_PER_PAGE = 30;

/** How the version names itself. */
export function versionName(version: SimulatedVersion): string {
  return version === "3.0.721" ? "3.0.721-git" : version;
}

/** The query of `/hosts/`, or the line that darkstat answers a bad one with. */
export function parseHostsQuery(search: URLSearchParams, count: number): HostsQuery | string {
  const sort = search.get("sort") ?? "total";
  if (sort !== "in" && sort !== "out" && sort !== "total" && sort !== "lastseen") {
    return 'Error: invalid value for "sort".\n';
  }
  const start = Number(search.get("start") ?? 0);
  if (!Number.isInteger(start) || start < 0 || (start > 0 && start >= count)) {
    return 'Error: "start" is out of bounds.\n';
  }
  return { sort, full: search.get("full") === "yes", start };
}

/** `/` */
export function frontPage(model: DarkstatModel, style: PageStyle): string {
  const totals = model.totals();
  return `${opening(style, "Graphs", "./", '<script src="./graph.js" type="text/javascript"></script>\n')}<p>
<b>Measuring for</b> <span id="rf">${duration(totals.uptimeSeconds)}</span><b>, since</b> ${model.epoch()}<b>.</b><br>
<b>Seen</b> <span id="tb">${grouped(totals.bytes)}</span> <b>bytes, in</b> <span id="tp">${grouped(totals.packets)}</span> <b>packets.</b> (<span id="pc">${grouped(totals.captured)}</span> <b>captured,</b> <span id="pd">${grouped(totals.dropped)}</span> <b>dropped)</b><br>
</p>
${GRAPHS}${CLOSING}`;
}

/** `/hosts/`. Host names go in as they are: darkstat escapes nothing. */
export function hostsPage(model: DarkstatModel, style: PageStyle, query: HostsQuery): string {
  const hosts = [...model.hosts.values()].sort(ORDERS[query.sort]);
  const end = query.full ? hosts.length : Math.min(hosts.length, query.start + ROWS_PER_PAGE);
  const start = query.full ? 0 : query.start;
  const parts = [opening(style, "Hosts", "../", "")];
  if (hosts.length === 0) {
    parts.push("<p>The table is empty.</p>\n");
  } else {
    parts.push(`(${start + 1}-${end} of ${hosts.length})<br>\n<table>\n<tr>\n <th>IP</th>\n <th>Hostname</th>\n`);
    if (style.columns.mac) parts.push(" <th>MAC Address</th>\n");
    for (const [sort, label] of COLUMNS) {
      if (sort !== "lastseen" || style.columns.lastSeen) parts.push(` <th><a href="?sort=${sort}">${label}</a></th>\n`);
    }
    parts.push("</tr>\n");
    const now = model.now();
    hosts.slice(start, end).forEach((host, index) => {
      parts.push(row(host, index, style, now));
    });
    parts.push("</table>\n");
  }
  const link = (to: string, text: string) => `<a href="?${to}&sort=${query.sort}">${text}</a>`;
  const before = Math.max(0, query.start - ROWS_PER_PAGE);
  const after = query.start + ROWS_PER_PAGE;
  const previous = query.start > 0 ? link(`start=${before}`, "&lt;&lt;&lt; prev page") : "&lt;&lt;&lt; prev page";
  const full = query.full || hosts.length <= ROWS_PER_PAGE ? "full table" : link("full=yes", "full table");
  const next = after < hosts.length ? link(`start=${after}`, "next page &gt;&gt;&gt;") : "next page &gt;&gt;&gt;";
  parts.push(`${previous} | ${full} | ${next}<br>\n${CLOSING}`);
  return parts.join("");
}

/** `/graphs.xml` */
export function graphsXml(model: DarkstatModel): string {
  const { bytes, packets, captured, dropped, uptimeSeconds } = model.totals();
  const series = model.rings().map(({ name, bars }) => {
    const lines = bars.map((bar) => `<e p="${bar.place}" i="${bar.in}" o="${bar.out}"/>\n`);
    return `<${name}>\n${lines.join("")}</${name}>\n`;
  });
  const totals = `tp="${packets}" tb="${bytes}" pc="${captured}" pd="${dropped}" rf="${duration(uptimeSeconds)}"`;
  return `<graphs ${totals}>\n${series.join("")}</graphs>\n`;
}

/** `/metrics`, from 3.0.720 on. */
export function metricsText(model: DarkstatModel, style: PageStyle): string {
  const lines = [
    "# HELP host_bytes_total Total number of network bytes by host and direction.",
    "# TYPE host_bytes_total counter",
  ];
  for (const host of model.hosts.values()) {
    const mac = style.columns.mac ? `mac="${host.mac}",` : "";
    const labels = (dir: string) => `{interface="${style.interface}",ip="${host.ip}",${mac}dir="${dir}"}`;
    lines.push(`host_bytes_total${labels("in")} ${host.in}`, `host_bytes_total${labels("out")} ${host.out}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Page of an HTTP error. */
export function errorPage(version: SimulatedVersion, status: string, title: string, text: string): string {
  return (
    `<html><head><title>${status}</title></head><body>\n<h1>${title}</h1>\n${text}\n` +
    `<hr>\nGenerated by darkstat/${versionName(version)}</body></html>\n`
  );
}

const COLUMNS: readonly (readonly [SortOrder, string])[] = [
  ["in", "In"],
  ["out", "Out"],
  ["total", "Total"],
  ["lastseen", "Last seen"],
];

const ORDERS: Readonly<Record<SortOrder, (a: SimulatedHost, b: SimulatedHost) => number>> = {
  in: (a, b) => b.in - a.in,
  out: (a, b) => b.out - a.out,
  total: (a, b) => b.in + b.out - (a.in + a.out),
  lastseen: (a, b) => (b.sentAt ?? 0) - (a.sentAt ?? 0),
};

function row(host: SimulatedHost, index: number, { version, columns }: PageStyle, now: number): string {
  const shade = version === "3.0.719" ? ` class="alt${index % 2 === 0 ? 2 : 1}"` : "";
  const mac = columns.mac ? ` <td><tt>${host.mac}</tt></td>\n` : "";
  const seen = columns.lastSeen ? `\n <td class="num">${lastSeen(host.sentAt, now)}</td></tr>\n` : "\n</tr>\n";
  return (
    `<tr${shade}>\n <td><a href="./${host.ip}/">${host.ip}</a></td>\n <td>${host.hostname}</td>\n${mac}` +
    ` <td class="num">${grouped(host.in)}</td>\n <td class="num">${grouped(host.out)}</td>\n` +
    ` <td class="num">${grouped(host.in + host.out)}</td>${seen}`
  );
}

function lastSeen(sentAt: number | null, now: number): string {
  if (sentAt === null) return "(never)";
  const [last, present] = [Math.floor(sentAt / 1_000), Math.floor(now / 1_000)];
  return last > present ? `(clock error: last = ${last}, now = ${present})` : duration(present - last);
}

/** `1 day, 0 hrs, 2 mins, 1 sec`: from the largest unit that is not zero down to seconds. */
function duration(seconds: number): string {
  const units: [number, string][] = [
    [Math.floor(seconds / 86_400), "day"],
    [Math.floor(seconds / 3_600) % 24, "hr"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "sec"],
  ];
  const largest = units.findIndex(([count]) => count > 0);
  const shown = largest < 0 ? units.slice(-1) : units.slice(largest);
  return shown.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(", ");
}

/** 1234567 → `1,234,567`. */
function grouped(value: number): string {
  let text = String(value);
  let result = "";
  while (text.length > 3) {
    result = `,${text.slice(-3)}${result}`;
    text = text.slice(0, -3);
  }
  return text + result;
}

function opening({ version, interface: iface }: PageStyle, title: string, root: string, script: string): string {
  const name = versionName(version);
  const viewport =
    version === "3.0.721" ? '<meta name="viewport" content="width=device-width, initial-scale=1">\n' : "";
  return `<!DOCTYPE html>
<html>
<head>
<title>${title} (darkstat ${iface})</title>
<meta name="generator" content="darkstat ${name}">
<meta name="robots" content="noindex, noarchive">
${viewport}<link rel="stylesheet" href="${root}style.css" type="text/css">
${script}</head>
<body>
<div class="menu">
<ul class="menu"><li class="label">darkstat ${name}</li><li><a href="${root}">graphs</a></li><li><a href="${root}hosts/">hosts</a></li><li><a href="https://unix4lyfe.org/darkstat/">homepage</a></li></ul>
</div>
<div class="content">
<h2 class="pageheader">${title}</h2>
`;
}

const CLOSING = "</div>\n</body>\n</html>\n";

const GRAPHS = `<div id="graphs">
Graphs require JavaScript.
<script type="text/javascript">
//<![CDATA[
var graph_width = 320;
var graph_height = 200;
var bar_gap = 1;
var graphs_uri = "graphs.xml";
var graphs = [
 { id:"g0", name:"seconds", title:"last 60 seconds", bar_secs:1 },
 { id:"g1", name:"minutes", title:"last 60 minutes", bar_secs:60 },
 { id:"g2", name:"hours", title:"last 24 hours", bar_secs:3600 },
 { id:"g3", name:"days", title:"last 31 days", bar_secs:86400 }
];
window.onload = graphs_init;
//]]>
</script>
</div>
`;
