// Drafts: words on the device before any request leaves, until the server has those very words
// (W5). Kept by reader, devotional, section, reading and prompt, and by the tab that they are
// written in, so that two tabs never lay one draft over another's.
import { all, put, remove } from "./store.js";
import { TAB, livesElsewhere } from "./tabs.js";

// Whose a record is: its reader's, or, where their session was lost while they wrote, who it was.
const ownerOf = (record) => record.reader || record.was || "";

const keyOf = ({ reader, devotional, section, reading, prompt, tab }) =>
  ["devotional", reader, devotional, section, reading, prompt ?? "", tab].join(":");

// What was written without a form is for whichever reading is the newest when it comes: reading 0.
const isAt = (place) => (record) =>
  ["reader", "devotional", "section"].every((name) => record[name] === place[name]) &&
  [0, place.reading].includes(record.reading);

// `place` is {reader, devotional, section, reading}, `draft` {prompt, text, version} and, where it is an older one, at.
export function keepDraft(place, draft) {
  const record = { at: Date.now(), ...place, ...draft, tab: TAB };
  return put("drafts", { ...record, key: keyOf(record) });
}

// Drops the draft where it still holds `text`; without one, whatever it holds.
export function dropDraft(record, text) {
  const key = record.key ?? keyOf({ tab: TAB, ...record });
  return remove("drafts", key, (kept) => text === undefined || kept.text === text);
}

// A save that is on its way, kept so that after a reload it is sent again as the same one.
export function keepSending(place, operation) {
  const record = { ...place, ...operation, tab: TAB, at: Date.now() };
  return put("sending", { ...record, key: keyOf(record) });
}

export function dropSending(record) {
  return remove("sending", record.key ?? keyOf({ tab: TAB, ...record }));
}

async function leftAt(shelf, test) {
  const records = (await all(shelf)).filter(test);
  const lives = await livesElsewhere();
  return records.filter((record) => !lives(record)).sort((a, b) => b.at - a.at);
}

// What this tab, or one that is gone, left at `place`; newest first.
export const draftsAt = (place) => leftAt("drafts", isAt(place));
export const sendingAt = (place) => leftAt("sending", isAt(place));
export const draftsOf = (reader) => leftAt("drafts", (record) => record.reader === reader);

// Everything of `reader` that is on this device, whichever tab it is written in.
export const unsentOf = async (reader) => (await all("drafts")).filter((record) => record.reader === reader);

async function handOver(draft, reader, reading = draft.reading) {
  const { key, ...rest } = draft;
  const record = { ...rest, reader, reading, was: "" };
  await put("drafts", { ...record, key: keyOf(record) });
  await dropDraft(draft, draft.text);
}

// What was typed before there was a reader is theirs now. What was agreed to then is not: the words
// go out as their reader's. Words of another, whose session was lost, are not theirs.
export async function adoptDrafts(reader) {
  const drafts = (await draftsOf("")).filter(({ was }) => !was || was === reader);
  for (const draft of drafts) await handOver(draft, reader);
  for (const begun of await leftAt("sending", (record) => record.reader === "")) await dropSending(begun);
}

// A guest turned out to be `reader` (K4): their drafts go out as the reader's, into the newest
// reading, which is where a merge puts what a guest wrote last. A save of theirs that has no answer
// is dropped; its words are in the draft.
export async function mergeDrafts(guests, reader) {
  const isOfGuest = (record) => guests.includes(ownerOf(record));
  for (const draft of (await all("drafts")).filter(isOfGuest)) await handOver(draft, reader, 0);
  for (const begun of (await all("sending")).filter(isOfGuest)) await dropSending(begun);
}

// The marks of others than `reader` who left something on this device.
export async function othersHere(reader) {
  const records = [...(await all("drafts")), ...(await all("sending"))];
  return [...new Set(records.map(ownerOf))].filter((mark) => mark && mark !== reader);
}

// Another reader writes in this browser now: nothing of the one before may be left to see.
export async function forgetOthers(reader, olderThan = 0) {
  for (const shelf of ["drafts", "sending"]) {
    for (const record of await all(shelf)) {
      const isOld = Date.now() - record.at >= olderThan;
      if (ownerOf(record) && ownerOf(record) !== reader && isOld) await remove(shelf, record.key);
    }
  }
}
