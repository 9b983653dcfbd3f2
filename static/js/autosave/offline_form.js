// Where the form can't be fetched (no network, a server that restarts) the slot gets boxes all the
// same: what is written waits on the device, and the form takes it up when it comes (W9).
import { OURS, lastWriter } from "../session/reader.js";
import { openForm } from "./form.js";
import { troubleWith } from "./sender.js";
import { phrases } from "./status.js";

const FIRST_WAIT = 2_000; // milliseconds
const SLOWEST = 60_000;
const HANGING = 6_000; // milliseconds
const STILL = 1_500; // milliseconds without a key
let wait = FIRST_WAIT;
let timer;

const nearing = document.querySelector(".nearing");

function makeBoxes(trouble) {
  const body = document.querySelector("#leaf");
  if (!body || body.querySelector("form")) return;
  body.replaceChildren(document.querySelector("#offline-form").content.cloneNode(true));
  const form = body.querySelector("form");
  form.dataset.writer = lastWriter().reader ?? "";
  form.addEventListener("submit", (event) => event.preventDefault());
  sayWhy(form, trouble);
  document.dispatchEvent(new Event("devotional:shown"));
}

// Why the form isn't there, which may change while it is asked for, and what to do meanwhile.
function sayWhy(form, trouble) {
  if (form.dataset.why === trouble) return; // what is said there since stays
  form.dataset.why = trouble;
  const whatToDo = form.dataset.writer ? phrases.writeOn : phrases.writeOnFirst;
  form.querySelector("#notice").textContent = `${phrases.noForm[trouble]} ${whatToDo}`;
}

// Asks for the form until it comes; never while a key is being pressed.
let lastKey = 0;
addEventListener("input", () => (lastKey = Date.now()));

const isTyping = () => Date.now() - lastKey < STILL;

async function askAgain() {
  clearTimeout(timer);
  const form = document.querySelector("#leaf form[data-local]");
  if (!form) return;
  if (!isTyping()) {
    const { isOpen, trouble } = await openForm(nearing.getAttribute("hx-get"), isTyping);
    if (isOpen) return;
    if (trouble) sayWhy(form, trouble);
    wait = Math.min(SLOWEST, wait * 2);
  }
  timer = setTimeout(askAgain, wait);
}

// A proxy's own error page must not take the place of the leaf.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.xhr.getResponseHeader(OURS)) event.detail.shouldSwap = false;
});

function failed(event) {
  if (event.target !== nearing || event.detail.xhr?.status === 404) return;
  const { xhr } = event.detail;
  makeBoxes(troubleWith(Boolean(xhr?.status && xhr.getResponseHeader(OURS))));
  timer = setTimeout(askAgain, wait);
}

if (nearing) {
  // A network that is there and brings nothing: boxes in the meantime, and the form when it comes.
  let hanging;
  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    if (target === nearing) hanging = setTimeout(() => makeBoxes(troubleWith(false)), HANGING);
  });
  document.addEventListener("htmx:afterRequest", () => clearTimeout(hanging));
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, failed);
  }
  addEventListener("online", () => {
    wait = FIRST_WAIT;
    askAgain();
  });
}
