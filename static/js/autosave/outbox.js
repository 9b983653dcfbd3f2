// Sends what waits on this device for other sections: written without a network, then left (W9). Only
// as the reader who wrote it, and only where nothing else of ours is sending it.
import { lastWriter } from "../session/reader.js";
import { TAB, newId } from "../session/tabs.js";
import { dropDraft, dropUnanswered, keepDraft, keepUnanswered } from "./drafts.js";
import { ReflectionForm, outcomesIn, parsed } from "./form.js";
import { adoptIfHere, draftsOf, unansweredAt } from "./owner.js";
import { fetchForm, send } from "./sender.js";
import { isSame, isTooLong } from "./text.js";

const FIRST_LOOK = 3_000; // milliseconds: the page itself comes first
const SLOWEST = 60_000;
const refused = new Set(); // places whose own page must say what is wrong
let wait = FIRST_LOOK;
let timer;
let round = null; // one at a time

const keyOf = ({ devotional, section, reading }) => [devotional, section, reading].join("/");

// Sends all that waits for a reader; resolves to whether it is with the server now.
export function sendWaiting(reader) {
  round ??= sendEach(reader).finally(() => (round = null));
  return round;
}

async function sendEach(reader) {
  await adoptIfHere(reader);
  let isDone = true;
  for (const drafts of await waitingByPlace(reader)) isDone = (await sendPlace(drafts)) && isDone;
  return isDone;
}

// The places with drafts, but the one that is open here: its form sends its own.
async function waitingByPlace(reader) {
  const leaf = document.querySelector(".leaf");
  const reading = Number(leaf?.querySelector("[name=reading]")?.value) || 0;
  const open = leaf ? [keyOf({ ...leaf.dataset, reading }), keyOf({ ...leaf.dataset, reading: 0 })] : [];
  const places = new Map();
  for (const draft of await draftsOf(reader)) {
    const key = keyOf(draft);
    if (draft.met || isTooLong(draft.text) || refused.has(key) || open.includes(key)) continue;
    places.set(key, [...(places.get(key) ?? []), draft]);
  }
  return [...places.values()];
}

// Whether all of `drafts`, which belong to one place, are with the server now, or will never be.
async function sendPlace(drafts) {
  const { reader, devotional, section, reading } = drafts[0];
  const place = { reader, devotional, section, reading };
  const form = await formFor(place);
  if (!form) return false;
  for (const save of await unansweredAt(place)) {
    const answer = await sendOne(form, place, save);
    if (!answer) return refused.has(keyOf(place));
    // What was typed on since was typed over these very words.
    for (const { prompt, now, state } of answer) {
      for (const draft of drafts) if (draft.prompt === prompt && state !== "conflict") draft.version = now;
    }
  }
  for (const draft of drafts) {
    const { prompt, text, version } = draft;
    const operation = { op: newId(), boxes: [{ prompt, text, version }] };
    await keepUnanswered(place, operation);
    const answer = await sendOne(form, place, operation);
    if (!answer) return refused.has(keyOf(place));
    await settle(place, draft, answer[0]);
  }
  return true;
}

async function formFor({ reader, devotional, section, reading }) {
  const { html } = await fetchForm(`/reflect/${devotional}/${section}/panel/?reading=${reading}`);
  const element = html && parsed(html).querySelector("form");
  const form = element && new ReflectionForm(element);
  // Where the sentence has changed since, its reader agrees on a page first.
  return form?.value("writer") === reader && !form.asksForConsent ? form : null;
}

// Resolves to what became of each box, or to null where there was no answer, or a refusal.
async function sendOne(form, place, operation) {
  const reply = await send(form, operation);
  if (reply.outcome === "refused") refused.add(keyOf(place));
  if (reply.outcome !== "answered") return null;
  await dropUnanswered(operation.key ? operation : place);
  return outcomesIn(parsed(reply.html), operation);
}

async function settle(place, draft, { state, digest }) {
  if (state === "conflict") {
    // In the history now. The draft stays, so that the section shows both when it is opened.
    const { key, tab, ...kept } = draft;
    await keepDraft(place, { ...kept, met: true });
    if (tab !== TAB) await dropDraft(draft, draft.text);
  } else if (state && (await isSame(draft.text, digest))) await dropDraft(draft, draft.text);
}

async function look() {
  clearTimeout(timer);
  const { reader } = lastWriter();
  if (!reader || (await sendWaiting(reader))) return;
  timer = setTimeout(look, wait);
  wait = Math.min(SLOWEST, wait * 2);
}

addEventListener("online", () => {
  wait = FIRST_LOOK;
  look();
});
timer = setTimeout(look, FIRST_LOOK);
