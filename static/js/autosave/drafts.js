// Drafts: words on the device before any request leaves, until the server has those very words
// (W5). Kept by reader, devotional, section, reading and prompt, and by the tab that they are
// written in, so that two tabs never lay one draft over another's. What nobody has agreed to yet is
// of whoever sits in that tab: in another one it is shown to nobody who doesn't say that it is theirs.
import { all, put, remove } from "./store.js";
import { SESSION, TAB, livesElsewhere } from "./tabs.js";

// Whose a record is: its reader's, or, where their session was lost while they wrote, who it was.
const ownerOf = (record) => record.reader || record.was || "";

// Whether a record is of somebody who is known, or of who sits in this very tab.
const isOfReaderOrTab = (record) => Boolean(record.reader) || record.session === SESSION;

const keyOf = ({ reader, devotional, section, reading, prompt, tab }) =>
  ["devotional", reader, devotional, section, reading, prompt ?? "", tab].join(":");

// What was written without a form is for whichever reading is the newest when it comes: reading 0.
const isAt = (place) => (record) =>
  ["reader", "devotional", "section"].every((name) => record[name] === place[name]) &&
  [0, place.reading].includes(record.reading);

// `place` is {reader, devotional, section, reading}, `draft` {prompt, text, version} and, where it is an older one, at.
export function keepDraft(place, draft) {
  const record = { at: Date.now(), ...place, ...draft, tab: TAB, session: SESSION };
  return put("drafts", { ...record, key: keyOf(record) });
}

// Drops the draft where it still holds `text`; without one, whatever it holds.
export function dropDraft(record, text) {
  const key = record.key ?? keyOf({ tab: TAB, ...record });
  return remove("drafts", key, (kept) => text === undefined || kept.text === text);
}

// A save that is on its way, kept so that after a reload it is sent again as the same one.
export function keepSending(place, operation) {
  const record = { ...place, ...operation, tab: TAB, session: SESSION, at: Date.now() };
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
const isLeftAt = (place) => (record) => isAt(place)(record) && isOfReaderOrTab(record);
export const draftsAt = (place) => leftAt("drafts", isLeftAt(place));
export const sendingAt = (place) => leftAt("sending", isLeftAt(place));

// What someone unknown wrote for this section in another tab that is gone. Words of a reader whose
// session was lost are not among them: they wait for that reader.
const isUnclaimedAt = ({ devotional, section }) => (record) =>
  record.devotional === devotional && record.section === section && !ownerOf(record) && !isOfReaderOrTab(record);

export const unclaimedAt = (place) => leftAt("drafts", isUnclaimedAt(place));

// Of those, drops what a reader has in their boxes already (`stands`, by prompt), as where the answer
// to a first save was lost with its tab. What is still to be claimed.
export async function unclaimedBeside(place, stands) {
  const others = [];
  for (const draft of await unclaimedAt(place)) {
    if (stands.get(draft.prompt) === draft.text) await dropDraft(draft, draft.text);
    else others.push(draft);
  }
  if (!others.length) await dropUnclaimedSaves(place);
  return others;
}

// A save that someone unknown agreed to and that had no answer: their words go out anew, or not at all.
export async function dropUnclaimedSaves(place) {
  for (const begun of await leftAt("sending", isUnclaimedAt(place))) await dropSending(begun);
}

// Whoever sits at `place` says that an unclaimed draft is theirs.
export async function claim(draft, { reader, reading }) {
  const { key, ...rest } = draft;
  const record = { ...rest, reader, reading, tab: TAB, session: SESSION };
  await put("drafts", { ...record, key: keyOf(record) });
  await remove("drafts", key, (kept) => kept.text === draft.text);
}
export const draftsOf = (reader) => leftAt("drafts", (record) => record.reader === reader);

// Everything of `reader` that is on this device, whichever tab it is written in.
export const unsentOf = async (reader) => (await all("drafts")).filter((record) => record.reader === reader);

// What signing out would wipe with it: words of others, or of nobody, that wait for whoever wrote them.
export const unsentOfOthers = async (reader) => (await all("drafts")).filter((record) => record.reader !== reader);

async function handOver(draft, reader, reading = draft.reading) {
  const { key, ...rest } = draft;
  const record = { ...rest, reader, reading, was: "" };
  await put("drafts", { ...record, key: keyOf(record) });
  await dropDraft(draft, draft.text);
}

// What was typed in this tab before there was a reader is theirs now. What was agreed to then is not:
// the words go out as their reader's. Words of another, whose session was lost, are not theirs, nor
// what someone unknown left in another tab.
const isOfNobodyAndNow = (reader) => (record) =>
  !record.reader && (record.was ? record.was === reader : isOfReaderOrTab(record));

export const adoptable = (reader) => leftAt("drafts", isOfNobodyAndNow(reader));

export async function adoptDrafts(reader) {
  for (const draft of await adoptable(reader)) await handOver(draft, reader);
  for (const begun of await leftAt("sending", isOfNobodyAndNow(reader))) await dropSending(begun);
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

// What others than `reader` left here is theirs to come back to, unseen, but not for ever.
export async function forgetOld(reader, olderThan) {
  for (const shelf of ["drafts", "sending"]) {
    for (const record of await all(shelf)) {
      const isTheirs = ownerOf(record) ? ownerOf(record) === reader : isOfReaderOrTab(record);
      if (!isTheirs && Date.now() - record.at >= olderThan) await remove(shelf, record.key);
    }
  }
}
