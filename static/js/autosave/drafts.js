// What this device keeps of one's writing: drafts, from before any request leaves until the server has
// those very words, and saves that have no answer yet (W5). In IndexedDB, and in this page's memory
// where that is refused. Nothing here throws: what keeps says whether it is on the device.
//
// A record is kept by reader, devotional, section, reading and prompt, and by the tab that it is
// written in, so that two tabs never lay one draft over another's. Whose it is: owner.js.
import { SESSION, TAB, livesElsewhere } from "../session/tabs.js";

const NAME = "devotional:writing";
const STORES = ["drafts", "sending"];
const PATIENCE = 2_000; // milliseconds
const memory = new Map(STORES.map((store) => [store, new Map()]));
const running = new Set(); // transactions that are not over
let opened;

// Drafts and unanswered saves

const keyOf = ({ reader, devotional, section, reading, prompt, tab }) =>
  ["devotional", reader, devotional, section, reading, prompt ?? "", tab].join(":");

// Keeps `words`, {prompt, text, version}, at a place, {reader, devotional, section, reading}. Words
// that are older than now bring their time, `at`.
export function keepDraft(place, words) {
  const record = { at: Date.now(), ...place, ...words, tab: TAB, session: SESSION };
  return put("drafts", { ...record, key: keyOf(record) });
}

// Drops a draft where it still holds `text`; without one, whatever it holds.
export function dropDraft(record, text) {
  const key = record.key ?? keyOf({ tab: TAB, ...record });
  return remove("drafts", key, (kept) => text === undefined || kept.text === text);
}

// Gives a draft another place, or another tab.
export async function moveDraft(draft, changes) {
  const { key, ...rest } = draft;
  const record = { ...rest, ...changes };
  await put("drafts", { ...record, key: keyOf(record) });
  if (keyOf(record) !== key) await remove("drafts", key, (kept) => kept.text === draft.text);
}

// Keeps a save that is on its way, so that after a reload it is sent again as the same one.
export function keepUnanswered(place, operation) {
  const record = { ...place, ...operation, tab: TAB, session: SESSION, at: Date.now() };
  return put("sending", { ...record, key: keyOf(record) });
}

export function dropUnanswered(record) {
  return remove("sending", record.key ?? keyOf({ tab: TAB, ...record }));
}

export const allDrafts = () => all("drafts");
export const allUnanswered = () => all("sending");

// What no other tab is at work on; newest first.
export async function leftOf(records) {
  const lives = await livesElsewhere();
  return records.filter((record) => !lives(record)).sort((a, b) => b.at - a.at);
}

// Empties both stores, here and on the device.
export async function wipe() {
  for (const name of STORES) {
    memory.get(name).clear();
    await within(name, "readwrite", (store) => store.clear());
  }
}

// IndexedDB

async function put(name, record) {
  const held = memory.get(name).set(record.key, record);
  const write = (store) => {
    const request = store.put(record);
    // At once, without waiting to hear of the put: a page that is being left hears of nothing.
    store.transaction.commit?.();
    return request;
  };
  const isKept = (await within(name, "readwrite", write)) !== undefined;
  if (isKept && held.get(record.key) === record) held.delete(record.key);
  return isKept;
}

async function all(name) {
  const kept = (await within(name, "readonly", (store) => store.getAll())) ?? [];
  const records = new Map(kept.map((record) => [record.key, record]));
  for (const [key, record] of memory.get(name)) records.set(key, record);
  return [...records.values()];
}

// Removes a record if it is still as `expected` says: another tab may have put a newer one.
async function remove(name, key, expected = () => true) {
  const held = memory.get(name).get(key);
  if (held && expected(held)) memory.get(name).delete(key);
  await within(name, "readwrite", (store) => {
    const request = store.get(key);
    request.onsuccess = () => {
      if (request.result && expected(request.result)) store.delete(key);
    };
    return request;
  });
}

// Runs `work` in one transaction. Resolves to its request's result once that is on the disk, and to
// undefined where it could not be: storage refused, full, or closed.
async function within(name, mode, work) {
  const database = await open();
  if (!database) return undefined;
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction(name, mode, { durability: "strict" });
      let request;
      const end = (result) => {
        running.delete(transaction);
        resolve(result);
      };
      running.add(transaction);
      transaction.oncomplete = () => end(request?.result ?? null);
      transaction.onerror = transaction.onabort = () => end(undefined);
      request = work(transaction.objectStore(name));
    } catch {
      opened = undefined; // closed under us: open it anew next time
      resolve(undefined);
    }
  });
}

function open() {
  opened ??= new Promise((resolve) => {
    // Some browsers never answer in a private window. One that answers late is asked again.
    setTimeout(() => {
      resolve(null);
      opened = undefined;
    }, PATIENCE);
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        for (const name of STORES) request.result.createObjectStore(name, { keyPath: "key" });
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close();
        opened = Promise.resolve(request.result);
        resolve(request.result);
      };
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opened;
}

// WebKit keeps a page that is left in its memory with its transactions open, and then no page gets
// at the store. What is not committed is given up: a draft that was to go is dropped later, once
// the server is seen to have its words.
addEventListener("pagehide", ({ persisted }) => {
  if (!persisted) return;
  for (const transaction of running) {
    try {
      transaction.abort();
    } catch {
      // Committed: it ends by itself.
    }
  }
});
