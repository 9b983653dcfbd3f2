// Where this device stopped: kept here, never sent, so that the cover can offer it (R2, R6).
const KEY = "devotional:places";

function places() {
  try {
    return JSON.parse(localStorage.getItem(KEY) || "{}");
  } catch {
    return {};
  }
}

function remember(devotional, place) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...places(), [devotional]: place }));
  } catch {
    // Without storage the cover says Begin, and that is fine.
  }
}

const here = document.querySelector("[data-place]");
if (here) {
  const { devotional, section, label } = here.dataset;
  remember(devotional, { section, label, at: Date.now() });
}

const cover = document.querySelector("[data-cover]");
const place = cover && places()[cover.dataset.cover];
// The section may be gone by now: only offer one that is in the list.
const link = place && cover.querySelector(`.contents a[data-section="${CSS.escape(place.section)}"]`);
if (link && link !== cover.querySelector(".contents a")) {
  const begin = cover.querySelector("[data-begin]");
  begin.href = link.href;
  begin.textContent = `${begin.dataset.continue} ${place.label}`;
}
