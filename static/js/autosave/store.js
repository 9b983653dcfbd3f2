// What this device keeps of one's writing: IndexedDB, and this page's memory where that is refused
// (W5). Nothing here throws: `put` says whether the record is on the device.
const NAME = "devotional:writing";
const PATIENCE = 2_000; // milliseconds
const SHELVES = ["drafts", "sending"];
const memory = new Map(SHELVES.map((shelf) => [shelf, new Map()]));
const running = new Set(); // transactions that are not over
let opened;

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
        for (const shelf of SHELVES) request.result.createObjectStore(shelf, { keyPath: "key" });
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

// Runs `work` in one transaction. Resolves to its request's result once that is on the disk, and to
// undefined where it could not be: storage refused, full, or closed.
async function within(shelf, mode, work) {
  const db = await open();
  if (!db) return undefined;
  return new Promise((resolve) => {
    try {
      const transaction = db.transaction(shelf, mode, { durability: "strict" });
      let request;
      const end = (result) => {
        running.delete(transaction);
        resolve(result);
      };
      running.add(transaction);
      transaction.oncomplete = () => end(request?.result ?? null);
      transaction.onerror = transaction.onabort = () => end(undefined);
      request = work(transaction.objectStore(shelf));
    } catch {
      opened = undefined; // closed under us: open it anew next time
      resolve(undefined);
    }
  });
}

export async function put(shelf, record) {
  const held = memory.get(shelf).set(record.key, record);
  const write = (store) => {
    const request = store.put(record);
    // At once, without waiting to hear of the put: a page that is being left hears of nothing.
    store.transaction.commit?.();
    return request;
  };
  const kept = (await within(shelf, "readwrite", write)) !== undefined;
  if (kept && held.get(record.key) === record) held.delete(record.key);
  return kept;
}

export async function all(shelf) {
  const kept = (await within(shelf, "readonly", (store) => store.getAll())) ?? [];
  const records = new Map(kept.map((record) => [record.key, record]));
  for (const [key, record] of memory.get(shelf)) records.set(key, record);
  return [...records.values()];
}

// Removes a record if it is still as `expected` says: another tab may have put a newer one.
export async function remove(shelf, key, expected = () => true) {
  const held = memory.get(shelf).get(key);
  if (held && expected(held)) memory.get(shelf).delete(key);
  await within(shelf, "readwrite", (store) => {
    const request = store.get(key);
    request.onsuccess = () => {
      if (request.result && expected(request.result)) store.delete(key);
    };
    return request;
  });
}

// Empties the shelves, here and on the device.
export async function wipe() {
  for (const shelf of SHELVES) {
    memory.get(shelf).clear();
    await within(shelf, "readwrite", (store) => store.clear());
  }
}

// WebKit keeps a page that is left in its memory with its transactions open, and then no page gets
// at the shelf. What is not committed is given up: a draft that was to go is dropped later, once
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
