// Whose the words on this device are: nobody's until someone agrees, then theirs, never another's.
import { adoptDrafts, dropDraft, forgetOld, keepDraft, mergeDrafts, othersHere } from "./drafts.js";
import { asStored } from "./sending.js";
import { rememberWriter, whoIsHere } from "../session/reader.js";

const MONTH = 30 * 24 * 3_600_000; // milliseconds

// A form has come for `reader`. What was typed in this tab before there was a reader is theirs. What
// another left here is not thrown away for their coming, since nobody could ask that one: it waits
// for a month, unseen, and is sent when they are back.
export async function sortOut({ reader }) {
  rememberWriter(reader);
  await forgetOld(reader, MONTH);
  if (!reader) return;
  await takeAlong(reader);
  await adoptDrafts(reader);
}

// Drafts of guests who have become this reader are theirs.
async function takeAlong(reader) {
  if ((await othersHere(reader)).length === 0) return;
  const marks = await whoIsHere();
  if (marks?.[0] === reader) await mergeDrafts(marks.slice(1), reader);
}

// After a first save: the drafts of this form, and all others that were typed in this tab.
export async function meetReader(saver, reader) {
  if (reader === saver.place.reader) return;
  rememberWriter(reader); // at once: the next page sends what this one can't, and must know whose
  await moveTo(saver, reader);
  await adoptDrafts(reader);
}

// The session is gone while someone writes: their words here are nobody's until they agree again, and
// never those of another who comes instead.
export function keepAsNobody(saver) {
  return moveTo(saver, "", saver.place.reader || saver.place.was);
}

async function moveTo(saver, reader, was = "") {
  const before = saver.place;
  saver.place = { ...before, reader, was };
  for (const box of saver.boxes()) {
    if (saver.isDirty(box)) await saver.keepDraft(box);
    await dropDraft({ ...before, prompt: box.dataset.prompt });
  }
}

// A form takes another's place under someone's hands: what they were typing goes over with them,
// at once, before the next key. Only to the same reader, or where there is none now.
export function carryOver(old, fresh) {
  const { reader, section, reading } = fresh.place;
  if (old.place.section !== section || (reader && old.place.reader !== reader)) return;
  if (!old.isLocal && old.place.reading !== reading) return;
  if (!reader) fresh.place.was = old.place.reader || old.place.was || "";
  for (const box of old.boxes()) {
    const { prompt } = box.dataset;
    const next = fresh.box(prompt);
    if (!next || next.disabled || !old.isDirty(box)) continue;
    next.value = box.value;
    fresh.setVersion(prompt, old.version(prompt));
    if (next === document.activeElement) next.setSelectionRange(box.selectionStart, box.selectionEnd);
    const text = asStored(box.value);
    const kept = keepDraft(fresh.place, { prompt, text, version: old.version(prompt) });
    // One draft of a box is enough: an older one left behind would come back over newer words.
    if (!isSamePlace(old.place, fresh.place)) kept.then(() => dropDraft({ ...old.place, prompt }));
  }
}

const isSamePlace = (one, other) => one.reader === other.reader && one.reading === other.reading;
