// The question for consent. It stands at the form's end, as where no script runs; where words save by
// themselves it comes under the box that is being typed in, from the first key (W3).

const MARGIN = 12; // pixels between the button and the edge of the window, or the keyboard

const questionIn = (form) => form.querySelector(".ask");

// Puts the question under a box; `isSeen` brings its button above the keyboard.
export function askUnder(form, box, { isSeen = false } = {}) {
  const question = questionIn(form);
  const place = box.closest(".question");
  if (!question || !place) return;
  head(question, { isFirst: false });
  if (question.parentElement !== place) {
    place.append(question);
    if (isSeen) reveal(question.querySelector(".button"), box);
  }
}

// Nothing is left to agree to.
export function askNoMore(form) {
  const question = questionIn(form);
  if (question) form.querySelector("#leaf-foot")?.append(question);
}

// After an answer has brought a new foot: its question takes the place of the one under the box.
export function dropOldQuestion(form) {
  for (const question of form.querySelectorAll(".question > .ask")) question.remove();
}

// Someone goes on with words that they have not agreed to have saved: asked once, in place.
export function askBeforeGoing(form, address) {
  const question = questionIn(form);
  head(question, { isFirst: true });
  question.querySelector("[data-not-now]").href = address;
  const button = question.querySelector("button");
  button.scrollIntoView({ block: "center" });
  button.focus({ preventScroll: true });
}

// What stands above the sentence: where the words are, or that they could be saved first.
function head(question, { isFirst }) {
  const [now, first] = question.querySelectorAll(".ask-head > span");
  now.hidden = isFirst;
  first.hidden = question.querySelector("[data-not-now]").hidden = !isFirst;
}

// Up to where the button is in sight, and no further than the box's last line stays in sight.
function reveal(button, box) {
  const { offsetTop, height } = visualViewport ?? { offsetTop: 0, height: innerHeight };
  const hidden = button.getBoundingClientRect().bottom + MARGIN - offsetTop - height;
  const room = box.getBoundingClientRect().bottom - MARGIN * 5;
  if (hidden > 0) scrollBy({ top: Math.max(0, Math.min(hidden, room)), behavior: "instant" });
}
