// Saving by itself, on every page where someone may write: each form gets an Autosave as it comes onto
// the page, and hears of the world through here: the network, the page's coming and going, htmx.
import { lastWriter } from "../session/reader.js";
import { Autosave } from "./autosave.js";
import { ReflectionForm, openForm } from "./form.js";
import "./offline_form.js";
import { sortOut } from "./owner.js";
import { announce, phrases } from "./status.js";
import { offerUnclaimed } from "./unclaimed.js";

// What waits for other parts is some reader's, so it is sent once it is known who that is. Without a
// network there may be nothing to send it with, and it waits for the next page.
function sendTheRest() {
  if (lastWriter().reader) import("./outbox.js").catch(() => {});
}

let autosave = null;

function attend() {
  const element = document.querySelector("form.reflection");
  // Without htmx there would be no answer to show; the browser sends the form by itself.
  if (!element || element === autosave?.form.element || typeof htmx === "undefined") return;
  const form = new ReflectionForm(element);
  form.offerSave(false);
  const { devotional, section } = element.closest(".leaf").dataset;
  const place = { reader: form.writer, devotional, section, reading: Number(form.value("reading")) || 0 };
  const old = autosave;
  autosave = new Autosave(form, place);
  if (old) autosave.takeOver(old);
  begin(autosave);
}

async function begin(autosave) {
  await autosave.begin(autosave.form.isLocal ? undefined : sortOut(autosave.place.reader));
  sendTheRest();
  await offerUnclaimed(autosave);
}

document.addEventListener("htmx:load", attend);
document.addEventListener("devotional:shown", attend);

// The form was sent: by its button, or by a choice. htmx is told not to.
document.addEventListener("htmx:confirm", async (event) => {
  if (event.target !== autosave?.form.element) return;
  event.preventDefault();
  autosave.submit(event.detail.triggeringEvent?.submitter);
  if (goingTo && (await autosave.settled())) location.assign(goingTo);
});

// On to the next part: what is unsaved is saved first. Where that can't be, it is said, and a second
// tap goes on all the same.
let goingTo = ""; // where someone wanted to go before they were asked

addEventListener("input", () => {
  goingTo = "";
  for (const link of document.querySelectorAll("[data-tried]")) delete link.dataset.tried;
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-go-on], .onward .next");
  if (!link || !autosave || "tried" in link.dataset || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (autosave.state === "idle" || autosave.state === "retired") return;
  event.preventDefault();
  goingTo = link.href;
  link.dataset.tried = "";
  if (await autosave.finish(link.href)) return location.assign(link.href);
  if (!autosave.form.asksForConsent) announce(`${document.querySelector("#notice").textContent} ${phrases.goOn}`.trim());
});

addEventListener("online", () => autosave?.wake());
addEventListener("pagehide", () => autosave?.leave());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") autosave?.leave();
  else autosave?.wake();
});
// Back from the browser's memory, and still theirs: what is newest may have changed (W7).
document.addEventListener("devotional:back", () => {
  if (!autosave || autosave.form.isLocal) return;
  const asked = new URLSearchParams(location.search).get("reading");
  openForm(`${autosave.form.action}panel/${asked ? `?reading=${Number(asked)}` : ""}`);
});
document.addEventListener("devotional:left", () => autosave?.retire());
addEventListener("beforeunload", (event) => {
  if (autosave?.mustWarn) event.preventDefault();
});

// htmx comes after this file; a form that is on the page already waits for it.
document.addEventListener("DOMContentLoaded", attend);
attend();

// On a reader's own page without a form, what this device keeps is sorted out for who is here (K4, K5).
const reader = document.querySelector(".yours")?.dataset.writer;
if (reader && !document.querySelector("form.reflection")) sortOut(reader).then(sendTheRest);
else sendTheRest();
