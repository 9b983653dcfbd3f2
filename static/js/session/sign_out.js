// Signing out: first what is still only on this device is sent, or spoken of; then, on the page that
// follows, what the device keeps is wiped, and so it is after erasing (K5). Without this file the
// server wipes by its headers, where the browser heeds them.
import { wipe } from "../autosave/drafts.js";
import { unsentOf, unsentOfOthers } from "../autosave/owner.js";
import { KEY } from "./reader.js";
import { getItem, setItem } from "./storage.js";

const LEFT = "devotional:left-at"; // in this tab's own storage: only a sign-out from here wipes
const OURS = "devotional:"; // what the names of our own storage begin with
const PATIENCE = 8_000; // milliseconds for what is unsent to arrive
const STEP = 250;

const placeOf = (d) => [d.reader, d.was, d.devotional, d.section, d.reading, d.prompt].join("/");
const boxesIn = (drafts) => new Set(drafts.map(placeOf)).size;

async function unsentAfterTrying(reader) {
  let unsent = await unsentOf(reader);
  const outbox = await import("../autosave/outbox.js").catch(() => null);
  if (!outbox) return boxesIn(unsent); // without a network there may be nothing to send it with
  const end = Date.now() + PATIENCE;
  while (unsent.length && navigator.onLine && Date.now() < end) {
    // The form on this page sends its own words; the outbox those of others.
    outbox.sendWaiting(reader);
    await new Promise((done) => setTimeout(done, STEP));
    unsent = await unsentOf(reader);
  }
  return boxesIn(unsent);
}

function go(form, submitter) {
  if (form.dataset.leaving !== undefined) setItem("sessionStorage", LEFT, String(Date.now()));
  form.dataset.ready = "";
  document.documentElement.dataset.leaving = ""; // what the server wipes now is no news to this page
  form.requestSubmit(submitter?.name ? submitter : undefined);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  // The browser wipes at the server's word before the page that says so stands: this page must not
  // take that for someone leaving in another tab, and lead away.
  if (form.dataset.erasing !== undefined) document.documentElement.dataset.leaving = "";
  if (form.dataset.leaving === undefined && form.dataset.arriving === undefined) return;
  // Of those who turn out to be the same, what is unsent comes along.
  if (form.dataset.ready !== undefined || event.submitter?.value === "mine") return;
  event.preventDefault();
  const reader = form.dataset.writer ?? document.querySelector(".yours")?.dataset.writer;
  if (form.dataset.busy !== undefined) return;
  form.dataset.busy = "";
  const status = form.querySelector(".unsent");
  const isSome = reader && (await unsentOf(reader)).length > 0;
  if (isSome && status) status.textContent = status.dataset.trying;
  let left = isSome ? await unsentAfterTrying(reader) : 0;
  // Signing out wipes the device, also of what waits here for somebody else.
  if (form.dataset.leaving !== undefined) left += boxesIn(await unsentOfOthers(reader));
  if (status) status.textContent = "";
  delete form.dataset.busy;
  if (left === 0 || !form.querySelector(".unsent-choice")) go(form, event.submitter);
  else warn(form, left, event.submitter);
});

function warn(form, count, submitter) {
  const choice = form.querySelector(".unsent-choice");
  choice.querySelector("[data-unsent]").textContent = String(count);
  choice.hidden = false;
  choice.querySelector("[data-stay]").onclick = () => {
    choice.hidden = true;
    form.querySelector("button").focus();
  };
  choice.querySelector("[data-lose]").onclick = () => go(form, submitter);
  choice.querySelector("[data-stay]").focus();
}

// Back on a page from which someone wanted to leave: asked once more, it looks once more.
addEventListener("pageshow", () => {
  delete document.documentElement.dataset.leaving;
  for (const form of document.querySelectorAll("form[data-ready]")) delete form.dataset.ready;
});

async function wipeAll() {
  await wipe();
  for (const name of await (globalThis.caches?.keys() ?? [])) {
    if (name.startsWith("devotional-")) await caches.delete(name);
  }
  // Said to other tabs, which hear only of what changes: also where the browser has wiped already.
  localStorage.setItem(KEY, "{}");
  for (const key of Object.keys(localStorage)) if (key.startsWith(OURS)) localStorage.removeItem(key);
  sessionStorage.clear();
}

// A link to this page is no sign-out: nothing is wiped but by a form that was sent from this tab, or
// where the browser has heeded the server and wiped already.
function hasJustLeft() {
  return getItem("sessionStorage", LEFT) !== null || getItem("localStorage", KEY) === null;
}

// What was just erased on the server goes here too; that page is an answer and has no address.
const { signedOut, wipe: erased } = document.body.dataset;
if (erased !== undefined || (signedOut !== undefined && hasJustLeft())) wipeAll().catch(() => {});
