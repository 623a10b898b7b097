import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Running, start } from "../lib/commands.ts";
import { NGINX, nginxFolders } from "./nginx.ts";

/** The path that Home Assistant gave the add-on. */
export const INGRESS_PATH = "/api/hassio_ingress/kX3_-9sT";
/** Where the page of Home Assistant is that frames it. */
export const PANEL_PATH = "/hassio/ingress/whitestat";
/** The address that the Supervisor asks from: here another one of the loopback's. */
export const SUPERVISOR = "127.0.0.2";
const SESSION = "a-session-of-home-assistant";

/**
 * What lies between a browser and an add-on, by nginx: Home Assistant, whose page signs in and frames the add-on, and which
 * says where it was asked (X-Ingress-Path, X-Forwarded-…); and the Supervisor, which lets in who has the session's cookie,
 * cuts the path off, adds to X-Forwarded-For, and asks from an address of its own. Two servers, for there are two hops.
 * After home-assistant/supervisor (supervisor/api/ingress.py) and home-assistant/core (components/hassio/ingress.py).
 * @param ports where it listens: Home Assistant, the Supervisor; and the add-on
 * @param folder for its files, made if it isn't there
 */
export async function startIngress(
  ports: { homeAssistant: number; supervisor: number; addOn: number },
  folder: string,
): Promise<Running> {
  await mkdir(folder, { recursive: true });
  const panel = `<!doctype html><title>Home Assistant</title><link rel=icon href=data:,><iframe title=WhiteStat width=1200 height=800 src=${INGRESS_PATH}/></iframe>`;
  const pass = `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_buffering off;`;
  const path = join(folder, "nginx.conf");
  await writeFile(
    path,
    `daemon off; pid ${join(folder, "nginx.pid")}; error_log stderr; events {}
http {
  access_log off; ${nginxFolders(folder)}
  server {
    listen 127.0.0.1:${ports.homeAssistant};
    location = ${PANEL_PATH} {
      default_type text/html;
      add_header Set-Cookie "ingress_session=${SESSION}; Path=/api/hassio_ingress/; SameSite=Strict";
      return 200 '${panel}';
    }
    location /api/hassio_ingress/ {
      ${pass}
      proxy_set_header Accept-Encoding "";
      proxy_set_header X-Hass-Source core.ingress;
      proxy_set_header X-Ingress-Path ${INGRESS_PATH};
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_pass http://127.0.0.1:${ports.supervisor};
    }
  }
  server {
    listen 127.0.0.1:${ports.supervisor};
    location ${INGRESS_PATH}/ {
      if ($cookie_ingress_session != "${SESSION}") { return 401; }
      ${pass}
      proxy_set_header X-Remote-User-Id 0123456789abcdef;
      proxy_set_header X-Remote-User-Name anna;
      proxy_set_header X-Forwarded-For "$http_x_forwarded_for, $remote_addr";
      proxy_bind ${SUPERVISOR};
      # With a path behind the port: the one above is cut off.
      proxy_pass http://127.0.0.1:${ports.addOn}/;
    }
  }
}
`,
  );
  return start(NGINX, ["-c", path, "-e", "stderr"]);
}
