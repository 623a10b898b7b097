import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { getMimeType } from "hono/utils/mime";
import { accepts } from "./compressed.ts";
import { DASHBOARD_POLICY } from "./document.ts";
import { etagMatches, etagOf } from "./etag.ts";
import { type HttpRequest, type HttpResponse, redirect } from "./exchange.ts";
import type { Route } from "./router.ts";

/** One built file, with what was compressed of it at build time. */
export interface Asset {
  readonly contentType: string;
  readonly etag: string;
  /** Its name carries a hash of its content: it may be kept indefinitely. */
  readonly immutable: boolean;
  /** It runs by the dashboard's policy: its page, and its service worker, which fetches by the policy it came with. */
  readonly isDashboard: boolean;
  readonly body: Uint8Array;
  readonly br: Uint8Array | null;
  readonly gzip: Uint8Array | null;
}

/** Built files by their path below the web root, e.g. `assets/app-3fe2a1b9.js`. */
export type Assets = ReadonlyMap<string, Asset>;

const PLAIN_NAME = /^(?!\.)[\w.@~+-]+$/;
const HASHED_NAME = /[.-][\w-]{8,}\.\w+$/;

/**
 * Reads the built dashboard, a few hundred kilobytes, into memory; an absent folder has no files. Only what is found
 * here will ever be served, so no path in a request can lead elsewhere. Dotfiles, symbolic links and odd names stay out.
 */
export async function readAssets(root: string): Promise<Assets> {
  const paths = await filesBelow(root, "");
  const names = new Set(paths);
  const siblings = new Set(paths.filter((path) => /\.(?:br|gz)$/.test(path) && names.has(path.slice(0, -3))));
  const load = (path: string) => readFile(join(root, path));
  const assets = new Map<string, Asset>();
  for (const path of paths) {
    if (siblings.has(path)) continue;
    const body = await load(path);
    assets.set(path, {
      contentType: getMimeType(path) ?? "application/octet-stream",
      etag: etagOf(body),
      immutable: path.startsWith("assets/") && HASHED_NAME.test(path),
      isDashboard: path.endsWith(".html") || path === "service-worker.js",
      body,
      br: siblings.has(`${path}.br`) ? await load(`${path}.br`) : null,
      gzip: siblings.has(`${path}.gz`) ? await load(`${path}.gz`) : null,
    });
  }
  return assets;
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && folder === "") return [];
    throw error;
  });
  const paths: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!PLAIN_NAME.test(entry.name)) continue;
    const path = folder + entry.name;
    if (entry.isDirectory()) paths.push(...(await filesBelow(root, `${path}/`)));
    else if (entry.isFile()) paths.push(path);
  }
  return paths;
}

/** A route for each built file. `index.html` is the dashboard and also answers `/` and `/history`. */
export function assetRoutes(assets: Assets): Route[] {
  const routes: Route[] = [];
  for (const [path, asset] of assets) {
    routes.push({ method: "GET", path: `/${path}`, light: true, handle: (request) => assetResponse(request, asset) });
  }
  const index = assets.get("index.html");
  if (!index) return routes;
  return [
    ...routes,
    { method: "GET", path: "/", light: true, handle: (request) => assetResponse(request, index) },
    {
      method: "GET",
      path: "/history",
      light: true,
      // Routes make no difference, but relative addresses within the page are right for the one without the slash only.
      handle: (request) =>
        request.rawPath.endsWith("/") ? redirect(`../history${request.search}`) : assetResponse(request, index),
    },
  ];
}

function assetResponse(request: HttpRequest, asset: Asset): HttpResponse {
  const headers: Record<string, string> = {
    "cache-control": asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    etag: asset.etag,
  };
  if (asset.isDashboard) headers["content-security-policy"] = DASHBOARD_POLICY;
  if (asset.br || asset.gzip) headers.vary = "Accept-Encoding";
  if (etagMatches(request, asset.etag)) return { status: 304, headers, body: null };
  headers["content-type"] = asset.contentType;
  const accepted = request.header("accept-encoding") ?? "";
  for (const [encoding, body] of [
    ["br", asset.br],
    ["gzip", asset.gzip],
  ] as const) {
    if (body && accepts(accepted, encoding)) {
      return { status: 200, headers: { ...headers, "content-encoding": encoding }, body };
    }
  }
  return { status: 200, headers, body: asset.body };
}
