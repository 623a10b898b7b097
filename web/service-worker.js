/**
 * Keeps the dashboard's own files in the browser, so that it opens at once and also while WhiteStat can't be reached:
 * what an installed app is expected to do. Figures are never kept: they are asked for anew each time, and stay out of
 * the browser's storage. Browsers run it by HTTPS only (and on localhost); docs/https.md tells how to have that.
 *
 * The build puts in what is kept (vite.config.ts): the files, and a name that changes with them.
 */
const FILES = __FILES__;
const CACHE = "whitestat __VERSION__";

/** A phone that is away from home waits no longer than this for the page before it gets the one that is kept. */
const PATIENCE_MS = 4_000;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
  skipWaiting();
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const path = pathOf(request.url);
  if (request.method !== "GET" || path === null) return;
  if (request.mode === "navigate") {
    if (path === "" || path === "history") event.respondWith(freshOrKept(request, "./"));
  } else if (path.startsWith("assets/")) {
    // Named after their content: what is kept is what there is.
    if (FILES.includes(path)) event.respondWith(keptOrFresh(request, path));
  } else if (FILES.includes(path)) event.respondWith(freshOrKept(request, path));
});

/** The path below the dashboard's address; null for what lies elsewhere. */
function pathOf(url) {
  const [address = ""] = url.split(/[?#]/);
  return address.startsWith(registration.scope) ? address.slice(registration.scope.length) : null;
}

async function forgetOthers() {
  for (const name of await caches.keys())
    if (name.startsWith("whitestat ") && name !== CACHE) await caches.delete(name);
}

async function keptOrFresh(request, path) {
  return (await kept(path)) ?? fetch(request);
}

async function freshOrKept(request, path) {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // A proxy answers for a server that does not.
    return response.status < 500 ? response : ((await kept(path)) ?? response);
  } catch (error) {
    const known = await kept(path);
    if (known === undefined) throw error;
    return known;
  }
}

async function kept(path) {
  const cache = await caches.open(CACHE);
  return cache.match(new URL(path, registration.scope));
}
