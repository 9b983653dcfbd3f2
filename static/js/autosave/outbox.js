// Sends what waits on this device for other sections: written without a network, then left (W9).
// Only as the reader who wrote it, and only where nothing else of ours is sending it.
import { adoptDrafts, adoptable, draftsOf, dropDraft, dropSending, keepDraft, keepSending, sendingAt } from "./drafts.js";
import { bytesLeft } from "./limit.js";
import { fetchPanel } from "./panel.js";
import { digest, outcomesIn, send } from "./sending.js";
import { TAB, newId } from "./tabs.js";
import { lastWriter, whoIsHere } from "../session/reader.js";

const FIRST_LOOK = 3_000; // milliseconds: the page itself comes first
const SLOWEST = 60_000;
let wait = FIRST_LOOK;
let timer;
const refused = new Set(); // places whose own page must say what is wrong

const pageOf = ({ devotional, section, reading }) => [devotional, section, reading].join("/");

// The places with drafts, but the one that is open here: its form sends its own.
async function waiting(reader) {
  const leaf = document.querySelector(".leaf");
  const reading = Number(leaf?.querySelector("[name=reading]")?.value) || 0;
  const open = leaf ? [pageOf({ ...leaf.dataset, reading }), pageOf({ ...leaf.dataset, reading: 0 })] : [];
  const places = new Map();
  for (const draft of await draftsOf(reader)) {
    const page = pageOf(draft);
    const isTooLong = (bytesLeft(draft.text) ?? 0) < 0;
    if (draft.met || isTooLong || refused.has(page) || open.includes(page)) continue;
    places.set(page, [...(places.get(page) ?? []), draft]);
  }
  return [...places.values()];
}

async function formFor({ reader, devotional, section, reading }) {
  const html = await fetchPanel(`/reflect/${devotional}/${section}/panel/?reading=${reading}`);
  const form = html && new DOMParser().parseFromString(html, "text/html").querySelector("form");
  return form?.querySelector("[name=writer]")?.value === reader ? form : null;
}

// Whether all of `drafts`, which belong to one place, are with the server now.
async function sendAll(drafts) {
  const form = await formFor(drafts[0]);
  if (!form) return false;
  const { reader, devotional, section, reading } = drafts[0];
  const place = { reader, devotional, section, reading };
  for (const begun of await sendingAt(place)) {
    const reply = await send(form, begun);
    if (!isAnswer(reply)) {
      if (isRefusal(reply)) refused.add(pageOf(place));
      return isRefusal(reply);
    }
    await dropSending(begun);
    for (const { prompt, now, state } of outcomes(reply, begun)) {
      // What was typed on since was typed over these very words.
      for (const draft of drafts) if (draft.prompt === prompt && state !== "conflict") draft.version = now;
    }
  }
  for (const draft of drafts) {
    const { prompt, text, version } = draft;
    const operation = { op: newId(), boxes: [{ prompt, text, version }] };
    await keepSending(place, operation);
    const reply = await send(form, operation);
    if (!isAnswer(reply)) {
      if (isRefusal(reply)) refused.add(pageOf(place));
      return isRefusal(reply);
    }
    await dropSending(place);
    const [outcome] = outcomes(reply, operation);
    const own = await digest(text);
    if (outcome.state === "conflict") {
      // In the history now. The draft stays, so that the section shows both when it is opened.
      const { key, tab, ...kept } = draft;
      await keepDraft(place, { ...kept, met: true });
      if (tab !== TAB) await dropDraft(draft, text);
    } else if (outcome.state && (!own || own === outcome.digest)) await dropDraft(draft, text);
  }
  return true;
}

const isAnswer = (reply) => reply?.isOurs && (reply.status === 200 || reply.status === 409);
// 429 is none: a quota that is used up today is there again tomorrow.
const isRefusal = (reply) => reply?.isOurs && reply.status >= 400 && reply.status < 500 && reply.status !== 429;

const outcomes = (reply, operation) =>
  outcomesIn(new DOMParser().parseFromString(reply.html, "text/html"), operation);

let sending = null; // one round at a time

// Sends all that waits for `reader`; whether it is with the server now.
export function sendWaiting(reader) {
  sending ??= goRound(reader).finally(() => (sending = null));
  return sending;
}

async function goRound(reader) {
  // Not by this device's memory alone: words of someone whose session was lost are nobody's.
  if ((await adoptable(reader)).length && (await whoIsHere())?.[0] === reader) await adoptDrafts(reader);
  let isDone = true;
  for (const drafts of await waiting(reader)) isDone = (await sendAll(drafts)) && isDone;
  return isDone;
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
