// Leads back to where this device stopped: from the cover and the shelf, and on the page (R6).
import { firstWords, places, startFromHere } from "./place.js";

const CONTINUE = "#continue";

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

function offerOnShelf(book) {
  const place = places()[book.dataset.book];
  const sections = book.dataset.sections.split(" ");
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

document.querySelectorAll("[data-cover]").forEach(offerOnCover);
document.querySelectorAll("[data-book]").forEach(offerOnShelf);
