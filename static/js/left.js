// Signed out or erased: what this device kept is wiped (K5). Without this file the server does it by
// its headers, where the browser heeds them.
import { LEFT } from "./leaving.js";
import { wipe } from "./store.js";
import { KEY } from "./writer.js";

const OURS = "devotional:";

async function wipeAll() {
  await wipe();
  for (const name of await (globalThis.caches?.keys() ?? [])) {
    if (name.startsWith("devotional-")) await caches.delete(name);
  }
  // Said to other tabs, which hear only of what changes: also where the browser has wiped already.
  localStorage.setItem(KEY, "{}");
  for (const key of Object.keys(localStorage)) if (key.startsWith(OURS)) localStorage.removeItem(key);
  sessionStorage.clear();
}

// A link to this page is no sign-out: nothing is wiped but by a form that was sent from this tab, or
// where the browser has heeded the server and wiped already.
function hasJustLeft() {
  try {
    return sessionStorage.getItem(LEFT) !== null || localStorage.getItem(KEY) === null;
  } catch {
    return true;
  }
}

// What was just erased on the server goes here too; that page is an answer and has no address.
const { signedOut, wipe: erased } = document.body.dataset;
if (erased !== undefined || (signedOut !== undefined && hasJustLeft())) wipeAll().catch(() => {});
