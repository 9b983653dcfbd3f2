// Where this device stopped: kept here, never sent, so that the cover can offer it (R2, R6).
const KEY = "devotional:places";
const REST = 400; // ms without scrolling
const NEAR_TOP = 48; // px: a block that ends higher up has been read
const MOVED = 48; // px of scrolling that are a step, not a twitch

const here = document.querySelector("[data-place]");
const blocks = here ? [...here.querySelectorAll(".prose > *")] : [];
let startedAt = 0;
let atRest;

export function places() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

// The first words find a block again that an edit of the text has moved.
export function firstWords(block) {
  return block.textContent.trim().slice(0, 48);
}

// What was scrolled for the reader is no step of theirs.
export function startFromHere() {
  startedAt = scrollY;
}

function remember(place) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...places(), [here.dataset.devotional]: place }));
  } catch {
    // Without storage the cover says Begin, and that is fine.
  }
}

function start(section, label, part) {
  return { section, label, part: Number(part), block: 0, words: "" };
}

// To see the last line below is not yet to have read it: it must have come well up.
function readToTheEnd() {
  const end = blocks.at(-1).getBoundingClientRect().bottom;
  const bottom = document.documentElement.scrollHeight - scrollY - innerHeight;
  return end < innerHeight * 0.6 || bottom < 2;
}

// The end of one section is the start of the next.
function placeNow() {
  const { section, label, part, nextSection, nextLabel } = here.dataset;
  if (nextSection && readToTheEnd()) return start(nextSection, nextLabel, Number(part) + 1);
  const inSight = blocks.findIndex((block) => block.getBoundingClientRect().bottom > NEAR_TOP);
  const block = inSight < 0 ? blocks.length - 1 : inSight;
  return { ...start(section, label, part), block, words: firstWords(blocks[block]) };
}

function note() {
  clearTimeout(atRest);
  if (Math.abs(scrollY - startedAt) < MOVED) return;
  startedAt = -Infinity; // a reader who moved once may come back to where they began
  remember(placeNow());
}

if (blocks.length) {
  const { devotional, section, label, part } = here.dataset;
  // Going on counts at once; looking back counts with the first step.
  if (Number(part) > (places()[devotional]?.part ?? 1)) remember(start(section, label, part));
  addEventListener("scroll", () => {
    clearTimeout(atRest);
    atRest = setTimeout(note, REST);
  }, { passive: true });
  addEventListener("pagehide", note);
  document.addEventListener("devotional:left", () => removeEventListener("pagehide", note));
}
