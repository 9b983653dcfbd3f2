// Where the form can't be fetched (no network, a server that restarts) the slot gets boxes all the
// same: what is written waits on the device, and the form takes it up when it comes (W9).
import { openPanel } from "./panel.js";
import { troubleWith } from "./sending.js";
import { lastWriter } from "../session/reader.js";

const FIRST_WAIT = 2_000; // milliseconds
const SLOWEST = 60_000;
const HANGING = 6_000; // milliseconds
const STILL = 1_500; // milliseconds without a key
let wait = FIRST_WAIT;
let timer;

const leaf = document.querySelector(".leaf");
const nearing = document.querySelector(".nearing");

function makeBoxes(trouble) {
  const body = document.querySelector("#leaf");
  if (!body || body.querySelector("form")) return;
  const last = lastWriter();
  const form = document.createElement("form");
  form.className = "reflection";
  Object.assign(form.dataset, { local: "", writer: last.reader ?? "" });
  form.autocomplete = "off";
  form.addEventListener("submit", (event) => event.preventDefault());
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.id = "notice";
  notice.setAttribute("role", "status");
  form.append(notice);
  for (const blank of body.querySelectorAll(".box.blank")) {
    form.append(question(blank.closest(".question"), blank.dataset.prompt));
  }
  body.replaceChildren(form);
  sayWhy(form, trouble);
  document.dispatchEvent(new Event("devotional:shown"));
}

// Why the form isn't there, which may change while it is asked for, and what to do meanwhile.
function sayWhy(form, trouble) {
  const { formOffline, formUnreachable, formFailing, writeOn, writeOnFirst } = leaf.dataset;
  const why = { offline: formOffline, unreachable: formUnreachable, failing: formFailing }[trouble];
  const words = `${why} ${form.dataset.writer ? writeOn : writeOnFirst}`;
  const notice = form.querySelector("#notice");
  if (form.dataset.why === trouble) return; // what the saver says there since stays
  form.dataset.why = trouble;
  notice.textContent = words;
}

function question(place, prompt) {
  const label = document.createElement("label");
  label.className = "asked";
  label.htmlFor = `text-${prompt}`;
  label.textContent = place.querySelector(".asked").textContent;
  const box = document.createElement("textarea");
  box.className = "box";
  box.id = `text-${prompt}`;
  box.dataset.prompt = prompt;
  box.rows = 4;
  box.dir = "auto";
  box.setAttribute("aria-describedby", `state-${prompt}`);
  const state = document.createElement("div");
  state.className = "state";
  state.id = `state-${prompt}`;
  const whole = document.createElement("div");
  whole.className = "question";
  whole.append(label, box, state);
  return whole;
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
    const { isOpen, trouble } = await openPanel(nearing.getAttribute("hx-get"), isTyping);
    if (isOpen) return;
    if (trouble) sayWhy(form, trouble);
    wait = Math.min(SLOWEST, wait * 2);
  }
  timer = setTimeout(askAgain, wait);
}

// A proxy's own error page must not take the place of the leaf.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.xhr.getResponseHeader("X-Robots-Tag")) event.detail.shouldSwap = false;
});

function failed(event) {
  if (event.target !== nearing || event.detail.xhr?.status === 404) return;
  const { xhr } = event.detail;
  makeBoxes(troubleWith(Boolean(xhr?.status && xhr.getResponseHeader("X-Robots-Tag"))));
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
