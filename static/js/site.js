// Every page: what reading needs, and saving where someone writes.
import "./reading/place.js";
import "./reading/together.js";
import { lastWriter } from "./session/reader.js";
import "./ui/share.js";

const ENOUGH = 20; // pages that one page may ask to be kept

// A page with boxes names it by itself; on others there may be words that wait on this device.
if (lastWriter().reader) import("./personal.js");

document.querySelector("[data-print]")?.addEventListener("click", () => print());

// This page and the rest of its devotional, for when there is no network (W9).
function pagesToKeep() {
  const here = location.origin + location.pathname;
  if (navigator.connection?.saveData) return [here];
  const links = [...document.querySelectorAll(".contents a, .sections a, .top a")];
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
