// What an answer to a save does to the form.
import { dropDraft } from "./drafts.js";
import { asStored, digest, outcomesIn } from "./sending.js";
import { announce, complain, phrases } from "./states.js";

const KEPT = ["saved", "unchanged", "empty"]; // states in which the server has the words

// Puts an answer where it belongs. htmx does it, as it does for every other fragment.
export function show(reply) {
  const target = document.querySelector(reply.target);
  if (!target) return false;
  htmx.swap(target, reply.html, { swapStyle: reply.swap, swapDelay: 0, settleDelay: 0 });
  document.dispatchEvent(new Event("devotional:shown"));
  return true;
}

// A box that is about to be drawn anew, as a choice asks, takes no words until it is.
export function hold(saver, choice, isHeld) {
  const prompt = choice.split(":")[1];
  const box = saver.box(prompt);
  if (box) box.readOnly = isHeld;
  const buttons = saver.form.querySelectorAll(`#state-${CSS.escape(prompt)} button`);
  for (const button of buttons) button.disabled = isHeld;
  if (isHeld) announce(phrases().saving);
}

// The button that was pressed may be gone; the focus goes to what has come of it (R8).
export function lookAfterFocus(saver, { extra }) {
  if (!saver.aloud || document.activeElement !== document.body) return;
  if (extra?.keep) saver.box(extra.keep.split(":")[1])?.focus();
  else if (extra?.paper) saver.form.querySelector("#on-paper button")?.focus();
}

// Takes the server at its word only where its hash is that of the words that were sent. `drawn` has
// the boxes as they were before the answer was shown, by prompt.
export async function acknowledge(saver, operation, drawn) {
  for (const outcome of outcomesIn(saver.form, operation)) {
    const { prompt } = outcome;
    const box = saver.box(prompt);
    if (!box || !KEPT.includes(outcome.state)) continue;
    const before = drawn.get(prompt);
    const isRedrawn = box !== before;
    const text = isRedrawn ? asStored(box.defaultValue) : outcome.text;
    const own = await digest(text);
    if (own && outcome.digest !== own) {
      complain(saver.form, prompt, phrases().failing);
      continue;
    }
    saver.known.set(prompt, text);
    // Typed since, while it was tried again: those words are the newest.
    if (isRedrawn && before && asStored(before.value) !== outcome.text) box.value = before.value;
    const isDirty = saver.isDirty(box);
    await dropDraft({ ...saver.place, prompt }, isDirty ? text : undefined);
    if (isDirty) saver.typed(box, { quietly: true });
  }
}
