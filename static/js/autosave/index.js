// Puts a Saver to each form as it comes onto the page, and tells it of the world: network, tabs.
import "./offline_form.js";
import "./outbox.js";
import { openPanel } from "./panel.js";
import { Saver } from "./saver.js";
import { carryOver, sortOut } from "./whose.js";

let saver = null;

function attend() {
  const form = document.querySelector("form.reflection");
  // Without htmx there would be no answer to show; the browser sends the form by itself.
  if (!form || form === saver?.form || typeof htmx === "undefined") return;
  const { devotional, section } = form.closest(".leaf").dataset;
  const reader = form.querySelector("[name=writer]")?.value ?? form.dataset.writer;
  const reading = Number(form.querySelector("[name=reading]")?.value) || 0;
  const old = saver;
  saver = new Saver(form, { reader, devotional, section, reading });
  if (old) {
    old.retire();
    carryOver(old, saver);
  }
  saver.begin(saver.isLocal ? undefined : sortOut(saver.place));
}

document.addEventListener("htmx:load", attend);
document.addEventListener("devotional:shown", attend);

// The form was sent: by its button, or by a choice. htmx is told not to, and the saver does.
document.addEventListener("htmx:confirm", (event) => {
  if (event.target !== saver?.form) return;
  event.preventDefault();
  saver.submit(event.detail.triggeringEvent?.submitter);
});

addEventListener("online", () => saver?.wake());
addEventListener("pagehide", () => saver?.leave());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") saver?.leave();
  else saver?.wake();
});
// Back from the browser's memory, and still theirs: what is newest may have changed (W7).
document.addEventListener("devotional:back", () => {
  if (!saver || saver.isLocal) return;
  const asked = new URLSearchParams(location.search).get("reading");
  openPanel(`${saver.form.getAttribute("action")}panel/${asked ? `?reading=${Number(asked)}` : ""}`);
});
document.addEventListener("devotional:left", () => saver?.retire());
addEventListener("beforeunload", (event) => {
  if (saver?.mustWarn) event.preventDefault();
});

// htmx comes after this file; a form that is on the page already waits for it.
document.addEventListener("DOMContentLoaded", attend);
attend();

// On a reader's own page without a form, what this device keeps is sorted out for who is here (K4, K5).
const reader = document.querySelector(".yours")?.dataset.writer;
if (reader && !document.querySelector("form.reflection")) sortOut({ reader });
