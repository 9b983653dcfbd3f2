// Keeps what was read, so that it opens without a network (W9). Only public pages and static files
// are looked at or kept; a reader's own pages pass untouched, but for the offline page in the
// place of one that can't be reached.
"use strict";

const known = {{ known }};

const OURS = "devotional-";
const CACHE = OURS + known.version;
const PATIENCE = 4_000; // ms for a network that is there and brings nothing, as underground
const QUIET_LIMIT = 15_000; // ms for what nobody is waiting for

addEventListener("install", (event) => {
  // What is written never waits for this worker: a save that outlives its page would be lost on
  // the way through it. Browsers without routes bring it here, and it passes untouched.
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" })?.catch(() => {});
  event.waitUntil(install());
});
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("message", (event) => event.waitUntil(keepMissing(event.data?.keep ?? [])));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(isPublic(pathname) ? openPage(event, pathname) : openOther(request));
  } else if (isAsset(pathname)) {
    event.respondWith(asset(request, pathname));
  }
});

// What may be kept

function isPublic(path) {
  return path === known.home || known.pages.some((start) => path.startsWith(start));
}

// Only names that hold a hash are kept first and asked later: they never change.
function isAsset(path) {
  return path.startsWith(known.static) && /\.[0-9a-f]{12}\.\w+$/.test(path);
}

// The server says which replies are public (lib/http.py); its word is taken and nothing guessed.
function mayKeep(response) {
  const rules = (response.headers.get("Cache-Control") ?? "").toLowerCase().split(/[\s,]+/);
  return (
    response.ok &&
    response.type === "basic" &&
    !response.redirected &&
    rules.includes("public") &&
    !rules.includes("private") &&
    !rules.includes("no-store")
  );
}

function isGone(response) {
  return response.status === 404 || response.status === 410;
}

// Answering

async function openPage(event, path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  const fresh = fetch(event.request);
  // Goes on also when the reader was shown the kept copy: the next time is the newer one's.
  event.waitUntil(fresh.then((response) => note(cache, path, response.clone())).catch(() => {}));
  try {
    const response = await (kept ? Promise.race([fresh, impatience()]) : fresh);
    // A server that is restarting behind its proxy.
    return kept && response?.status >= 500 ? marked(kept, "failing") : (response ?? marked(kept, "slow"));
  } catch {
    return kept ? marked(kept, navigator.onLine === false ? "offline" : "unreachable") : offlinePage();
  }
}

async function openOther(request) {
  try {
    return await fetch(request);
  } catch {
    return offlinePage();
  }
}

async function asset(request, path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept) return kept;
  const response = await fetch(request);
  await note(cache, path, response.clone()).catch(() => {});
  return response;
}

async function note(cache, path, response) {
  if (mayKeep(response)) await cache.put(path, response);
  else if (isGone(response)) await cache.delete(path);
}

function impatience() {
  return new Promise((done) => setTimeout(done, PATIENCE));
}

// A kept copy says so, and why, on the first paint and without a script of its own.
async function marked(kept, why) {
  const html = (await kept.text())
    .replace("<html", "<html data-kept-copy")
    .replace(/(<aside class="kept-copy"[^>]*?) hidden/, "$1")
    .replace(`<span data-why="${why}" hidden>`, `<span data-why="${why}">`);
  const headers = new Headers(kept.headers);
  headers.delete("Content-Encoding"); // the text is plain by now
  headers.delete("Content-Length");
  return new Response(html, { headers });
}

async function offlinePage() {
  const cache = await caches.open(CACHE);
  return (await cache.match(known.offline)) ?? Response.error();
}

// Keeping

// Keeps a page and the files that it names. True where the server's answer settles the matter.
async function keepPage(cache, path) {
  const response = await ask(path);
  if (isGone(response)) return true;
  if (!mayKeep(response)) return false;
  await Promise.all(assetsIn(await response.clone().text()).map((name) => keepAsset(cache, name)));
  await cache.put(path, response);
  return true;
}

async function keepAsset(cache, path) {
  if (await cache.match(path)) return;
  const response = await ask(path, "default"); // the page has just fetched it
  if (!mayKeep(response)) throw new Error(`${path} can't be kept`);
  await cache.put(path, response);
}

function ask(path, cache = "no-cache") {
  return fetch(path, { cache, priority: "low", signal: AbortSignal.timeout?.(QUIET_LIMIT) });
}

function assetsIn(html) {
  const named = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path);
  return named.filter(isAsset);
}

// A page asks that it and the others of its devotional be kept. One that fails is not missed.
async function keepMissing(addresses) {
  const cache = await caches.open(CACHE);
  const paths = new Set(addresses.map((each) => new URL(each, location.origin).pathname));
  await Promise.allSettled(
    [...paths].filter(isPublic).map(async (path) => {
      if (!(await cache.match(path))) await keepPage(cache, path);
    }),
  );
}

// One version follows another

// Without the essentials there is no new worker, and the one before goes on with what it has.
async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(known.assets.filter(isAsset).map((path) => keepAsset(cache, path)));
  if (!(await keepPage(cache, known.offline))) throw new Error("no offline page");
  for (const old of await olderCaches()) {
    const paths = await pagesIn(old);
    await Promise.allSettled(paths.map((path) => renew(old, cache, path)));
  }
  await skipWaiting();
}

// In its new words, if they can be had; what can't be is carried over in the end.
async function renew(old, cache, path) {
  if (await cache.match(path)) return;
  const settled = await keepPage(cache, path).catch(() => false);
  if (settled && !(await cache.match(path))) await old.delete(path); // gone from the site
}

// With the files that it names, and the modules that those import.
async function carryOver(old, cache, path) {
  const kept = await old.match(path);
  for (const name of [...assetsIn(await kept.clone().text()), ...(await modulesIn(old))]) {
    const file = await old.match(name);
    if (file) await cache.put(name, file);
  }
  await cache.put(path, kept);
}

async function takeOver() {
  const cache = await caches.open(CACHE);
  for (const name of await olderNames()) {
    const old = await caches.open(name);
    // What was read stays readable: also what the network did not bring anew, and what was read
    // while this worker was being installed.
    for (const path of await pagesIn(old)) {
      if (!(await cache.match(path))) await carryOver(old, cache, path);
    }
    await caches.delete(name);
  }
  await clients.claim();
}

async function olderNames() {
  return (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
}

async function olderCaches() {
  return Promise.all((await olderNames()).map((name) => caches.open(name)));
}

async function pathsIn(cache) {
  return (await cache.keys()).map(({ url }) => new URL(url).pathname);
}

async function pagesIn(cache) {
  return (await pathsIn(cache)).filter(isPublic);
}

async function modulesIn(cache) {
  return (await pathsIn(cache)).filter((path) => path.startsWith(`${known.static}js/`) && isAsset(path));
}
