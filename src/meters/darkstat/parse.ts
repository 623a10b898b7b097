/** Pure readers of darkstat's pages: text in, facts out, or a `DarkstatError` that says what is wrong and where. */
export { type FrontPage, parseFront } from "./parse-front.ts";
export { type Columns, createHostsParser, type HostsPage, parseHosts } from "./parse-hosts.ts";
export { parseSeries } from "./parse-series.ts";
