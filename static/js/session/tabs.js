// Which tab this is, and whether another is still open: what a tab that lives is writing is its
// own business, and what one left behind is taken up by the next.
import { getItem, getJson, setItem, setJson } from "./storage.js";

export const TAB = newId();
// The same through all pages of one tab, until it is closed: sessionStorage ends with it.
export const SESSION = sessionId();
const LOCK = "devotional:tab:";
const CLOSED = "devotional:closed-tabs";
const RECENT = 60_000; // milliseconds; stands in where the browser has no locks
let release = () => {};

function sessionId() {
  const key = "devotional:session";
  // Where nothing can be kept each page stands for itself.
  return getItem("sessionStorage", key) ?? (setItem("sessionStorage", key, TAB), TAB);
}

// crypto.randomUUID exists only on https and this machine; a site on a home network has neither.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function hold() {
  navigator.locks?.request(LOCK + TAB, () => new Promise((done) => (release = done))).catch(() => {});
}

// A tab that closes leaves its name. Its lock may outlive it in the browser's memory, and on plain
// http there are no locks.
const closed = () => getJson("localStorage", CLOSED, []);
const note = (names) => setJson("localStorage", CLOSED, names.slice(0, 50));

// Whether the tab that wrote `record` is open elsewhere.
export async function livesElsewhere() {
  let open = null;
  try {
    const locks = await navigator.locks.query();
    open = new Set(locks.held.map((lock) => lock.name));
  } catch {
    // No locks here: judge by time.
  }
  const gone = closed();
  return ({ tab, at }) => {
    if (tab === TAB || gone.includes(tab)) return false;
    return open ? open.has(LOCK + tab) : Date.now() - at < RECENT;
  };
}

hold();
addEventListener("pagehide", () => {
  release(); // a held lock would keep the page out of the browser's memory
  note([TAB, ...closed()]);
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  hold();
  note(closed().filter((name) => name !== TAB));
});
