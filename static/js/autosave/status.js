// What is said of a save: the lines below each box, and the form's one line that is announced.
import { localise } from "../ui/times.js";
import { thousandsLeft } from "./text.js";

// Rendered with the page, in its language.
const rendered = document.getElementById("autosave-phrases");
export const phrases = rendered ? JSON.parse(rendered.textContent) : {};

// Says below a box where its words are; `state` is the place for it. Never over a choice of two texts.
export function say(state, words, time) {
  if (!state || state.querySelector(".both")) return;
  let line = state.querySelector(".kept, .problem");
  if (!words) {
    line?.remove();
    return;
  }
  line ??= state.insertBefore(document.createElement("p"), state.querySelector(".room"));
  line.className = "kept waiting";
  line.replaceChildren(words);
  if (!time) return;
  const at = document.createElement("time");
  at.dateTime = new Date(time).toISOString();
  line.append(" ", at);
  localise(line);
}

export function complain(state, words) {
  say(state, words);
  const line = state?.querySelector(".kept");
  if (line) line.className = "problem";
}

// From some size on how much more fits, for as long as it is so, beside whatever else is said.
export function sayRoom(state, text) {
  if (!state || state.querySelector(".both")) return;
  const thousands = thousandsLeft(text);
  let line = state.querySelector(".room");
  if (thousands === null) {
    line?.remove();
    return;
  }
  if (!line) {
    line = state.appendChild(document.createElement("p"));
    line.className = "room";
  }
  const words = thousands ? phrases.left.replace("{n}", thousands) : phrases.fewLeft;
  if (line.textContent !== words) line.textContent = words;
}

// Spoken by screen readers, so only for what changed for the writer, never for each save.
export function announce(words) {
  const notice = document.querySelector("#notice");
  notice?.classList.toggle("heard", words === phrases.allSaved);
  if (notice && notice.textContent !== words) notice.textContent = words;
}

// Takes back what was announced, where it is no longer so.
export function unsay(words) {
  const notice = document.querySelector("#notice");
  if (notice?.textContent === words) notice.textContent = "";
}
