// Whose the words on this device are: nobody's until someone agrees, then their reader's, and never
// another's. Words of nobody are of whoever sits in the tab where they were typed; in another one they
// are shown only to who says that they wrote them. Where a session was lost while someone wrote, the
// record has no reader, and `was` says who it was.
import { rememberWriter, whoIsHere } from "../session/reader.js";
import { SESSION, TAB } from "../session/tabs.js";
import { allDrafts, allUnanswered, dropDraft, dropUnanswered, leftOf, moveDraft } from "./drafts.js";

const MONTH = 30 * 24 * 3_600_000; // milliseconds

const ownerOf = (record) => record.reader || record.was || "";
const isOf = (reader) => (record) => record.reader === reader;
const isOfReaderOrTab = (record) => Boolean(record.reader) || record.session === SESSION;

const isInSection = (place) => (record) =>
  ["reader", "devotional", "section"].every((name) => record[name] === place[name]) && isOfReaderOrTab(record);

// What was written without a form is for whichever reading is the newest when it comes: reading 0.
const isAt = (place) => (record) => isInSection(place)(record) && [0, place.reading].includes(record.reading);

// What someone unknown wrote for this section in another tab. Words of a reader whose session was lost
// are not among them: they wait for that reader.
const isUnclaimedAt = ({ devotional, section }) => (record) =>
  record.devotional === devotional && record.section === section && !ownerOf(record) && !isOfReaderOrTab(record);

// What was typed in this tab before there was a reader, or by this one when their session was lost.
const isAdoptableBy = (reader) => (record) =>
  !record.reader && (record.was ? record.was === reader : isOfReaderOrTab(record));

const left = async (records, test) => leftOf((await records).filter(test));

// What this tab, or one that is gone, left at a place, and all that waits for a reader; newest first.
export const draftsAt = (place) => left(allDrafts(), isAt(place));
export const draftsInSection = (place) => left(allDrafts(), isInSection(place));
export const unansweredAt = (place) => left(allUnanswered(), isAt(place));
export const draftsOf = (reader) => left(allDrafts(), isOf(reader));

// Everything of a reader on this device, whichever tab it is written in, and what signing out would
// wipe with it: words that wait for whoever else wrote them.
export const unsentOf = async (reader) => (await allDrafts()).filter(isOf(reader));
export const unsentOfOthers = async (reader) => (await allDrafts()).filter((record) => record.reader !== reader);

// A page has come for `reader`. What another left here is not thrown away for their coming, since
// nobody could ask that one: it waits for a month, unseen, and is sent when they are back.
export async function sortOut(reader) {
  rememberWriter(reader);
  await forgetOld(reader);
  if (!reader) return;
  await takeAlongGuests(reader);
  await adopt(reader);
}

async function forgetOld(reader) {
  const isOld = (record) => {
    const isTheirs = ownerOf(record) ? ownerOf(record) === reader : isOfReaderOrTab(record);
    return !isTheirs && Date.now() - record.at >= MONTH;
  };
  for (const draft of (await allDrafts()).filter(isOld)) await dropDraft(draft);
  for (const save of (await allUnanswered()).filter(isOld)) await dropUnanswered(save);
}

// Guests who turned out to be `reader` (K4): their drafts go out as the reader's, into the newest
// reading, which is where a merge puts what a guest wrote last. A save of theirs that has no answer
// is dropped; its words are in the draft.
async function takeAlongGuests(reader) {
  const isOfOther = (record) => ![reader, ""].includes(ownerOf(record));
  if (![...(await allDrafts()), ...(await allUnanswered())].some(isOfOther)) return;
  const [here, ...guests] = (await whoIsHere()) ?? [];
  if (here !== reader) return;
  const isOfGuest = (record) => guests.includes(ownerOf(record));
  for (const draft of (await allDrafts()).filter(isOfGuest)) await moveDraft(draft, { reader, reading: 0, was: "" });
  for (const save of (await allUnanswered()).filter(isOfGuest)) await dropUnanswered(save);
}

// What was typed before there was a reader is theirs now. What was agreed to then is not: the words
// go out as their reader's.
export async function adopt(reader) {
  for (const draft of await left(allDrafts(), isAdoptableBy(reader))) await moveDraft(draft, { reader, was: "" });
  for (const save of await left(allUnanswered(), isAdoptableBy(reader))) await dropUnanswered(save);
}

// The reader whose words wait here, after what is theirs was adopted. Not by this device's memory
// alone: words of someone whose session was lost are nobody's.
export async function adoptIfHere(reader) {
  const isSome = (await left(allDrafts(), isAdoptableBy(reader))).length > 0;
  if (isSome && (await whoIsHere())?.[0] === reader) await adopt(reader);
}

// What someone unknown wrote here in a tab that is gone. What a reader has in their boxes already
// (`stands`, by prompt) is dropped, as where the answer to a first save was lost with its tab.
export async function unclaimedAt(place, stands) {
  const unclaimed = [];
  for (const draft of await left(allDrafts(), isUnclaimedAt(place))) {
    if (place.reader && stands.get(draft.prompt) === draft.text) await dropDraft(draft, draft.text);
    else unclaimed.push(draft);
  }
  if (place.reader && !unclaimed.length) await dropUnclaimedSaves(place);
  return unclaimed;
}

// Whoever sits here says that these drafts are theirs. What was agreed to then goes out anew.
export async function claim(drafts, { reader, reading, ...place }) {
  for (const draft of drafts) await moveDraft(draft, { reader, reading, tab: TAB, session: SESSION });
  await dropUnclaimedSaves(place);
}

async function dropUnclaimedSaves(place) {
  for (const save of await left(allUnanswered(), isUnclaimedAt(place))) await dropUnanswered(save);
}
