// Has the browser keep this page, and the rest of its devotional, for when there is no network (W9).
const ENOUGH = 20; // pages that one page may ask for

function pagesToKeep() {
  const here = location.origin + location.pathname;
  if (navigator.connection?.saveData) return [here];
  const links = [...document.querySelectorAll(".contents a, .sections a, .top a")];
  const addresses = links.map((link) => link.href);
  // What comes next is likelier to be read than what came before.
  const next = addresses.lastIndexOf(here) + 1;
  return [here, ...addresses.slice(next), ...addresses.slice(0, next)].slice(0, ENOUGH);
}

async function keep() {
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
if (navigator.serviceWorker) addEventListener("load", keep);
