// What other pages left behind for this form: saves without an answer, and drafts (W5).
import { draftsAt, dropDraft, dropSending, keepDraft, sendingAt } from "./drafts.js";
import { asStored, digest, outcomesIn } from "./sending.js";
import { phrases, say } from "./states.js";
import { TAB, newId } from "./tabs.js";

const AGREED = 600_000; // milliseconds: how long ago someone may have agreed and be taken at it

// The newest draft of a box goes into it, unless someone has begun to type there. An older one, from
// another tab, is sent after it and so comes into the history. Resolves to the prompts put back.
export async function takeUp(saver) {
  const [drafts, sending] = await Promise.all([draftsAt(saver.place), sendingAt(saver.place)]);
  for (const operation of sending) {
    // What was agreed to long ago is asked for again rather than sent.
    const isOld = Date.now() - operation.at > AGREED;
    if (saver.place.reader || (operation.consent && !isOld)) saver.begun.unshift({ ...operation, leftBehind: true });
    else await dropSending(operation);
  }
  const filled = new Set();
  for (const draft of drafts) {
    const box = saver.box(draft.prompt);
    if (!box || box.disabled) continue;
    if (asStored(draft.text) === asStored(box.defaultValue)) await dropDraft(draft, draft.text);
    else if (!filled.has(draft.prompt) && box.value === box.defaultValue) {
      filled.add(draft.prompt);
      await putBack(saver, box, draft);
    } else if (draft.text !== asStored(box.value) && saver.mayGo) {
      const { prompt, text, version } = draft;
      saver.asides.push({ op: newId(), boxes: [{ prompt, text, version }], leftBehind: true, draft });
    }
  }
  return filled;
}

async function putBack(saver, box, draft) {
  const { prompt, text, version, at } = draft;
  box.value = text;
  box.dispatchEvent(new Event("change", { bubbles: true })); // it may have to grow
  saver.setVersion(prompt, version);
  if (!saver.place.reader && draft.was) saver.place.was = draft.was;
  saver.keeping = keepDraft(saver.place, { prompt, text, version, at });
  saver.onDevice = await saver.keeping;
  const isOwn = draft.tab === TAB && draft.reading === saver.place.reading;
  if (saver.onDevice && !isOwn) await dropDraft(draft, text);
  say(saver.form, prompt, phrases().putBack, at);
}

// Words that another page left behind are on the server now: current, or in the history. Where the
// box goes on from these very words, it is based on them from here on.
export async function settleLeftBehind(saver, operation, reply) {
  const answer = new DOMParser().parseFromString(reply.html, "text/html");
  for (const outcome of outcomesIn(answer, operation)) {
    const { prompt, text, version, now, state } = outcome;
    const own = await digest(text);
    if (operation.draft && state && (!own || own === outcome.digest)) await dropDraft(operation.draft, text);
    const box = saver.box(prompt);
    if (!box || !["saved", "unchanged"].includes(state)) continue;
    if (![version, now].includes(saver.version(prompt))) continue;
    // A choice may have made other words of those that were sent.
    const drawn = answer.querySelector(`textarea[data-prompt="${CSS.escape(prompt)}"]`);
    const stands = drawn ? asStored(drawn.defaultValue) : text;
    if (stands !== text && asStored(box.value) !== text) continue;
    if (stands !== text) box.value = stands;
    saver.setVersion(prompt, now);
    saver.known.set(prompt, stands);
    if (saver.isDirty(box)) saver.typed(box, { quietly: true });
    else await dropDraft({ ...saver.place, prompt });
  }
}
