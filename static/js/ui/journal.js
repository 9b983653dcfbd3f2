// The journal.
import { getJson, setJson } from "../session/storage.js";

// It says so where an answer never came. What was asked may have been done all the same.
const line = document.querySelector("#notice[data-unanswered]");

if (line) {
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => {
      const { offline, unanswered } = line.dataset;
      line.textContent = navigator.onLine === false ? offline : unanswered;
    });
  }
  document.addEventListener("htmx:beforeRequest", () => { line.textContent = ""; });
}

// One heading a day, by the reader's own days: the server has put together those of its own zone.
let day = "";
let time = "";
for (const heading of document.querySelectorAll(".journal .day")) {
  const [date, through] = heading.children;
  date.hidden = date.textContent === day;
  through.hidden = date.hidden && through.textContent === time;
  day = date.textContent;
  time = through.textContent;
}

// Finding a word in the journal, so that Back comes to what was found (K6). The words are in no
// address: they stay in this tab's own storage, which signing out wipes, and are sent anew.
const KEPT = "devotional:search";
const form = document.querySelector("form.search");
const inPlace = form?.dataset.inPlace !== undefined;

// Where nothing can be kept the form is sent as any form is.
const keep = (what) => setJson("sessionStorage", KEPT, what);
const kept = () => getJson("sessionStorage", KEPT);
const asked = () => ({ words: form.words.value, earlier: form.earlier?.checked ?? false });

// From the journal: to the page of finding, which asks. A page that was posted could not be gone back to.
function goAndFind(event) {
  if (!keep({ ...asked(), isNew: true })) return;
  event.preventDefault();
  location.assign(form.action);
}

// On that page: what was asked for is found as soon as htmx is there, unless it is visited anew.
function findAgain() {
  const { words, earlier, isNew, y } = kept();
  const isBack = history.state?.found === true;
  if (!words || form.words.value || !(isNew || isBack)) return;
  form.words.value = words;
  form.earlier.checked = earlier;
  if (isBack && y) document.addEventListener("htmx:afterSettle", () => scrollTo(0, y), { once: true });
  form.requestSubmit();
}

function remember() {
  if (keep(asked())) history.replaceState({ ...history.state, found: true }, "");
}

if (inPlace) {
  form.addEventListener("htmx:beforeRequest", remember);
  addEventListener("load", findAgain);
  addEventListener("pagehide", () => {
    if (history.state?.found && kept().words) keep({ ...kept(), y: scrollY });
  });
} else {
  form?.addEventListener("submit", goAndFind);
}
