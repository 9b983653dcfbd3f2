// Every request of autosave: a save and what came of it, and the form's own fragment. htmx puts the
// answers in their places; it can't outlive a page or give up in time, so the requests are made here.
import { isOurs, patience } from "../session/reader.js";

const SAVE_PATIENCE = 20_000; // milliseconds: the server itself waits 10 s for a locked database
const FORM_PATIENCE = 15_000; // milliseconds
const KEEPALIVE = 60_000; // bytes that browsers let outlive a page, less a little
const HEADERS = { "HX-Request": "true" };

// Sends an operation and resolves to {outcome, isOurs, status, html, target, swap, wait}. The outcome
// is `answered`; `refused` by its words or its reader; `full`, a quota that is used up, with the
// form's words for it; or `failed`, as are a proxy's own page and no answer at all.
export async function send(form, operation) {
  try {
    return await read(await post(form, form.body(operation), { signal: patience(SAVE_PATIENCE) }));
  } catch {
    return { outcome: "failed", isOurs: false, status: 0, wait: 0 };
  }
}

// The page is about to go: the request may outlive it. Its answer is asked for again later.
export async function sendOnLeaving(form, operation) {
  const body = form.body(operation);
  if (body.toString().length >= KEEPALIVE) return;
  try {
    await post(form, body, { keepalive: true });
  } catch {
    // The draft is on the device.
  }
}

function post(form, body, options) {
  return fetch(form.action, { method: "POST", body, headers: HEADERS, redirect: "error", ...options });
}

async function read(response) {
  const { status, headers } = response;
  const reply = {
    status,
    isOurs: isOurs(headers),
    html: await response.text(),
    target: headers.get("HX-Retarget") ?? "#leaf-foot",
    swap: headers.get("HX-Reswap") ?? "outerHTML",
    wait: Number(headers.get("Retry-After")) || 0, // seconds
  };
  return { ...reply, outcome: outcomeOf(reply) };
}

function outcomeOf({ isOurs, status, target }) {
  if (!isOurs) return "failed";
  if (status === 429 || (status === 503 && target === "#leaf-foot")) return "full";
  if (status >= 500) return "failed";
  return status === 200 || status === 409 ? "answered" : "refused";
}

// Two tabs that agree at the same moment would make two readers of one person.
export function firstSaveAlone(go) {
  return navigator.locks ? navigator.locks.request("devotional:first-save", go) : go();
}

// Why there was no answer that helps, as far as it can be known here: the browser knows when it has
// no network at all; that the site answers, only an answer shows.
export function troubleWith(isOurs, status = 0) {
  if (isOurs) return status === 429 ? "busy" : "failing";
  return navigator.onLine === false ? "offline" : "unreachable";
}

// Fetches the form's HTML; resolves to {html}, or to {trouble} where no form of ours came.
export async function fetchForm(url) {
  try {
    const answer = await fetch(url, { headers: HEADERS, signal: patience(FORM_PATIENCE) });
    const known = isOurs(answer.headers);
    return answer.ok && known ? { html: await answer.text() } : { trouble: troubleWith(known) };
  } catch {
    return { trouble: troubleWith(false) };
  }
}
