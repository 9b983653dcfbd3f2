// One save on its way: the form's fields with the operation's words, sent, and the answer read.
import { isOurs, patience } from "../session/reader.js";

const PATIENCE = 20_000; // milliseconds: the server itself waits 10 s for a locked database
const KEEPALIVE = 60_000; // bytes that browsers let outlive a page, less a little

// The words as the server keeps them, so that both can be compared.
export function asStored(text) {
  const sound = text.toWellFormed ? text.toWellFormed() : text;
  return sound.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
}

// The SHA-256 of a text; empty where the browser has none to give (plain http on a home network).
export async function digest(text) {
  if (!crypto.subtle) return "";
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Two tabs that agree at the same moment would make two readers of one person.
export function firstSaveAlone(go) {
  return navigator.locks ? navigator.locks.request("devotional:first-save", go) : go();
}

// `operation` is {op, consent, extra, boxes: [{prompt, text, version}]}; `form` gives the rest.
export function bodyOf(form, operation) {
  const body = new URLSearchParams();
  for (const name of ["reading", "questions", "writer"]) {
    const field = form.querySelector(`[name=${name}]`);
    if (field) body.set(name, field.value);
  }
  // The sentence that was agreed to, whatever the form says by now.
  if (operation.consent) body.set("consent", operation.consent);
  body.set("op", operation.op);
  for (const { prompt, text, version } of operation.boxes) {
    body.set(`text-${prompt}`, text);
    body.set(`version-${prompt}`, version);
  }
  for (const [name, value] of Object.entries(operation.extra ?? {})) body.set(name, value);
  return body;
}

// Resolves to {status, html, target, swap, wait}, or to null where no answer of ours came.
export async function send(form, operation) {
  const body = bodyOf(form, operation);
  try {
    return await read(await post(form, body, { signal: patience(PATIENCE) }));
  } catch {
    return null;
  }
}

// Why there was no answer that helps, as far as it can be known here: the browser knows when it has
// no network at all; that the site answers, only an answer shows.
export function troubleWith(isOurs, status = 0) {
  if (isOurs) return status === 429 ? "busy" : "failing";
  return navigator.onLine === false ? "offline" : "unreachable";
}

// The page is about to go: the request may outlive it. Its answer is asked for again later.
export async function sendOnLeaving(form, operation) {
  const body = bodyOf(form, operation);
  if (body.toString().length >= KEEPALIVE) return;
  try {
    await post(form, body, { keepalive: true });
  } catch {
    // The draft is on the device.
  }
}

function post(form, body, options) {
  const headers = { "HX-Request": "true" };
  return fetch(form.getAttribute("action"), { method: "POST", body, headers, redirect: "error", ...options });
}

async function read(response) {
  const html = await response.text();
  return {
    status: response.status,
    html,
    isOurs: isOurs(response.headers),
    target: response.headers.get("HX-Retarget") ?? "#leaf-foot",
    swap: response.headers.get("HX-Reswap") ?? "outerHTML",
    wait: Number(response.headers.get("Retry-After")) || 0,
  };
}

// What became of each box of an operation, read from where the answer was put.
export function outcomesIn(root, operation) {
  return operation.boxes.map((box) => {
    const { value, dataset } = root.querySelector(`[name="version-${box.prompt}"]`) ?? {};
    return { ...box, now: Number(value), state: dataset?.state ?? "", digest: dataset?.digest ?? "" };
  });
}
