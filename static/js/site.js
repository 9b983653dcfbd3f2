// Every page: what reading needs, and what its buttons do.
import "./reading/place.js";
import "./reading/together.js";
import { lastWriter } from "./session/reader.js";

const ENOUGH = 20; // pages that one page may ask to be kept

// A page with boxes names it by itself; on others there may be words that wait on this device.
if ("reader" in lastWriter()) {
  import("./personal.js");
  import("./autosave/waiting.js");
}

// A link leads to a page to print where there is no script; with one, what is here is printed.
document.querySelector("[data-print]")?.addEventListener("click", (event) => {
  event.preventDefault();
  print();
});

// This page and the rest of its devotional, for when there is no network (W9).
function pagesToKeep() {
  const here = location.origin + location.pathname;
  if (navigator.connection?.saveData) return [here];
  const links = [...document.querySelectorAll(".contents a, .sections a, .onward .next, .brand")];
  const addresses = links.map((link) => link.href);
  // What comes next is likelier to be read than what came before.
  const next = addresses.lastIndexOf(here) + 1;
  return [here, ...addresses.slice(next), ...addresses.slice(0, next)].slice(0, ENOUGH);
}

async function keepForOffline() {
  try {
    await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: pagesToKeep() });
  } catch {
    // Refused by this browser or window, or unreachable; the site works as before.
  }
}

// The line above a kept copy stays where it is, and stops saying what is no longer so.
addEventListener("online", () => {
  const line = document.querySelector(".kept-copy p");
  if (line) line.textContent = line.dataset.back;
});

// Only on https and this very machine. After load, so that reading comes first.
if (navigator.serviceWorker) addEventListener("load", keepForOffline);

// Share and copy: the phone's own sheet, else the clipboard (R2, T2). A button names a link or code
// (`data-share`, `data-copy`; empty: this page's address), words (`data-share-text`, hidden where
// there is no sheet) or the box whose words go (`data-share-from`, `data-copy-from`), and what came of
// it is said beside it.
function say(button, words) {
  button.parentElement.querySelector("[role=status]").textContent = words;
}

async function copy(button, words) {
  try {
    await navigator.clipboard.writeText(words);
    say(button, button.dataset.done);
  } catch {
    say(button, button.dataset.failed); // plain http, or refused
  }
}

function linkToShare() {
  // The cover's own address, at the name by which this visitor reached the site.
  const canonical = document.querySelector("link[rel=canonical]");
  return canonical ? location.origin + new URL(canonical.href).pathname : location.href;
}

async function share(button) {
  const from = button.dataset.shareFrom;
  const text = from ? document.getElementById(from).value : button.dataset.shareText;
  const words = text ?? (button.dataset.share || linkToShare());
  if (!navigator.share) return copy(button, words);
  try {
    await navigator.share(text !== undefined ? { text } : { title: button.dataset.title ?? document.title, url: words });
  } catch (error) {
    if (error.name !== "AbortError") say(button, button.dataset.failed);
  }
}

for (const button of document.querySelectorAll("[data-share-text]")) button.hidden = !navigator.share;

document.addEventListener("click", ({ target }) => {
  const sharing = target.closest("[data-share], [data-share-text], [data-share-from]");
  if (sharing) share(sharing);
  const copying = target.closest("[data-copy], [data-copy-from]");
  if (!copying) return;
  const from = copying.dataset.copyFrom;
  const here = location.origin + location.pathname;
  copy(copying, from ? document.getElementById(from).value : copying.dataset.copy || here);
});

// What can be done with an answer is folded behind three dots. Without a script they open and close
// by themselves; with one a tap elsewhere closes them too, and so does Escape.
const opened = () => document.querySelectorAll("details.dots[open]");

// Also where the focus goes elsewhere, by Tab.
for (const name of ["click", "focusin"]) {
  document.addEventListener(name, ({ target }) => {
    for (const menu of opened()) if (!menu.contains(target)) menu.open = false;
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of opened()) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});
