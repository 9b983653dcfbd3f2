// The line below each box that says where its words are, and the form's one line that is announced.
import { localise } from "../ui/times.js";

export function say(form, prompt, words, time) {
  const state = form.querySelector(`#state-${CSS.escape(prompt)}`);
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

export function complain(form, prompt, words) {
  say(form, prompt, words);
  const line = form.querySelector(`#state-${CSS.escape(prompt)} .kept`);
  if (line) line.className = "problem";
}

// How much room is left, beside whatever else is said of the box; nothing, where `words` is empty.
export function sayRoom(form, prompt, words) {
  const state = form.querySelector(`#state-${CSS.escape(prompt)}`);
  if (!state || state.querySelector(".both")) return;
  let line = state.querySelector(".room");
  if (!words) {
    line?.remove();
    return;
  }
  if (!line) {
    line = state.appendChild(document.createElement("p"));
    line.className = "room";
  }
  if (line.textContent !== words) line.textContent = words;
}

// Spoken by screen readers, so only for what changed for the writer, never for each save.
export function announce(words) {
  const notice = document.querySelector("#notice");
  if (notice && notice.textContent !== words) notice.textContent = words;
}

// Takes back what was announced, where it is no longer so.
export function unsay(words) {
  const notice = document.querySelector("#notice");
  if (notice?.textContent === words) notice.textContent = "";
}

// The phrases themselves are rendered with the page, in its language.
export const phrases = () => document.querySelector(".leaf").dataset;
