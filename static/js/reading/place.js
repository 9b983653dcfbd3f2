// Where this device stopped: kept here, never sent, and offered by cover and shelf (R2, R6).
import { lastWriter } from "../session/reader.js";
import { getJson, setJson } from "../session/storage.js";

const KEY = "devotional:places";
const REST = 400; // ms without scrolling
const NEAR_TOP = 48; // px: a block that ends higher up has been read
const MOVED = 48; // px of scrolling that are a step, not a twitch

const here = document.querySelector("[data-place]");
const blocks = here ? [...here.querySelectorAll(".prose > *")] : [];
let startedAt = 0;
let atRest;

const places = () => getJson("localStorage", KEY);

// The first words find a block again that an edit of the text has moved.
function firstWords(block) {
  return block.textContent.trim().slice(0, 48);
}

// What was scrolled for the reader is no step of theirs.
function startFromHere() {
  startedAt = scrollY;
}

// The parts that were read here, by id; of places kept before these were, those before the place.
const partsRead = ({ read, part } = {}, all) => read ?? all.slice(0, Math.max(0, (part ?? 1) - 1));

// Where nothing can be kept the cover says Begin, and that is fine.
function remember(place) {
  const { devotional, section } = here.dataset;
  const before = places()[devotional] ?? {};
  const read = new Set(before.read ?? []);
  if (readToTheEnd()) read.add(section);
  const kept = { ...(read.size && { read: [...read] }), ...(before.ended && { ended: true }) };
  setJson("localStorage", KEY, { ...places(), [devotional]: { ...place, ...kept } });
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

const CONTINUE = "#continue";
const DOOR_STEPS = 3; // that the stylesheet knows, besides a door that is all but shut

function address(section, block) {
  return section + (block > 0 ? CONTINUE : "");
}

function offerOnCover(cover) {
  const place = places()[cover.dataset.cover];
  // The section may be gone by now: only offer one that is in the list.
  const link = place && cover.querySelector(`.contents a[data-section="${CSS.escape(place.section)}"]`);
  // To stand at the very start is to begin.
  if (!link || (link === cover.querySelector(".contents a") && !(place.block > 0))) return;
  const begin = cover.querySelector("[data-begin]");
  begin.href = address(link.href, place.block);
  begin.textContent = `${begin.dataset.continue} ${place.label}`;
}

// The dots of the path, and at the end of it the way to read again: where someone has written here
// that is a page of theirs, which says when they did and begins anew.
function showWhatWasRead(cover) {
  const place = places()[cover.dataset.cover];
  const links = [...cover.querySelectorAll(".path a")];
  const ids = links.map((link) => link.dataset.section);
  const read = partsRead(place, ids);
  for (const link of links) {
    link.parentElement.classList.toggle("was-read", !!place?.ended || read.includes(link.dataset.section));
  }
  if (!place?.ended) return;
  const begin = cover.querySelector("[data-begin]");
  begin.textContent = begin.dataset.again;
  begin.href = lastWriter().reader ? begin.dataset.byPart : `${links[0].href}#again`;
}

// What is half written comes before what is not yet read.
async function offerWhatWaits(cover) {
  const { allDrafts } = await import("../autosave/drafts.js");
  const { reader } = lastWriter();
  const isMine = (draft) => !draft.was && (!draft.reader || draft.reader === reader) && draft.text?.trim();
  const mine = (await allDrafts()).filter((draft) => draft.devotional === cover.dataset.cover && isMine(draft));
  for (const { section } of mine.sort((one, other) => other.at - one.at)) {
    const link = cover.querySelector(`.path a[data-section="${CSS.escape(section)}"]`);
    if (!link) continue;
    const begin = cover.querySelector("[data-begin]");
    begin.href = `${link.href}#reflect`;
    begin.textContent = `${begin.dataset.continue} ${link.querySelector("b").textContent}`;
    return;
  }
}

function change(devotional, how) {
  const kept = places();
  setJson("localStorage", KEY, { ...kept, [devotional]: how(kept[devotional] ?? {}) });
}

const end = document.querySelector("[data-end]");
if (end) change(end.dataset.end, (place) => ({ ...place, ended: true }));
// Begun again: nothing of it has been read yet.
if (here && location.hash === "#again") change(here.dataset.devotional, () => ({}));

function offerOnShelf(book) {
  const place = places()[book.dataset.book];
  const sections = book.dataset.sections.split(" ");
  // Its door stands open as far as this device has read.
  const share = place?.ended ? 1 : partsRead(place, sections).length / sections.length;
  book.dataset.open = Math.ceil(share * DOOR_STEPS);
  if (!place || !sections.includes(place.section)) return;
  if (place.section === sections[0] && !(place.block > 0)) return;
  const link = document.createElement("a");
  link.className = "button quiet";
  link.href = address(`${book.querySelector("a").href}${place.section}/`, place.block);
  link.textContent = `${book.dataset.continue} ${place.label}`;
  book.append(link);
}

// The block by its first words; where these were rewritten, the one in its place or the nearest.
function find(place) {
  const blocks = [...document.querySelectorAll("[data-place] .prose > *")];
  const same = (block) => firstWords(block) === place.words;
  if (blocks[place.block] && same(blocks[place.block])) return blocks[place.block];
  return blocks.find(same) ?? blocks[Math.min(place.block, blocks.length - 1)];
}

function goTo(block) {
  block.classList.add("stopped-here");
  block.scrollIntoView({ behavior: "instant" });
  // Tab and a screen reader go on from here too.
  block.tabIndex = -1;
  block.focus({ preventScroll: true });
  block.addEventListener("blur", () => block.removeAttribute("tabindex"), { once: true });
  startFromHere();
}

const section = document.querySelector("[data-place]");
if (section && location.hash === CONTINUE) {
  // Gone from the address at once, so that a reload or a shared link is of the page alone.
  history.replaceState(history.state, "", location.pathname + location.search);
  const place = places()[section.dataset.devotional];
  const block = place?.section === section.dataset.section && place.block > 0 && find(place);
  if (block) goTo(block);
}

for (const cover of document.querySelectorAll("[data-cover]")) {
  offerOnCover(cover);
  showWhatWasRead(cover);
  if ("reader" in lastWriter()) offerWhatWaits(cover);
}
document.querySelectorAll("[data-book]").forEach(offerOnShelf);
