import http from "node:http";
import { get, getOk } from "./http.ts";

/** What an open dashboard asks of the server. */
export interface Dashboard {
  /** After a reading: it asks for the figures again. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Opens the dashboard as a browser does: the page and all that it names, the stream of events, then the figures. Where
 * the server has no `api/v1`, the figures are those of `/json`.
 */
export async function openDashboard(url: string): Promise<Dashboard> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
  const like = { agent, headers: { "accept-encoding": "gzip, br" } };
  const page = await getOk(`${url}/`, { agent, keepText: true });
  for (const [, path = ""] of page.text.matchAll(/(?:src|href)="(?:\.\/|\/)?(assets\/[^"]+)"/g)) {
    await getOk(`${url}/${path}`, like);
  }
  const hasApi = (await get(`${url}/api/v1/status`, like)).status === 200;
  const events = hasApi ? listen(`${url}/api/v1/events`) : null;
  let since = "";
  return {
    async refresh() {
      if (!hasApi) return void (await get(`${url}/json`, like));
      const { text } = await getOk(`${url}/api/v1/usage/changes${since}`, { ...like, keepText: true });
      since = `?since=${(JSON.parse(text) as { tag: string }).tag}`;
      await getOk(`${url}/api/v1/status`, like);
    },
    close() {
      events?.destroy();
      agent.destroy();
    },
  };
}

/** Takes events until it is destroyed, and throws them away. */
function listen(url: string): http.ClientRequest {
  const request = http.get(url, { agent: false, headers: { accept: "text/event-stream" } }, (response) => {
    response.on("error", () => {});
    response.resume();
  });
  request.on("error", () => {});
  return request;
}
