// Who writes here, by this device's memory and by the server's word, and asking the server for what
// is a reader's own. A reader is known by a public name, the reader key, that opens nothing.
import { getJson, setJson } from "./storage.js";

export const KEY = "devotional:writer";
const PATIENCE = 10_000; // milliseconds

// {reader}: who wrote last on this device; without a reader where nobody has.
export const lastWriter = () => getJson("localStorage", KEY);

// Where it can't be kept, a draft without a network is nobody's until the form comes.
export const rememberWriter = (reader) => setJson("localStorage", KEY, { reader });

// The key of who is here by the server's word, and those of guests who became them; null where
// there was no answer.
export async function whoIsHere() {
  return (await fetchPrivate("/account/who/"))?.split(" ") ?? null;
}

// The text of a private answer of ours, or null where none came.
export async function fetchPrivate(url) {
  try {
    const answer = await fetch(url, { cache: "no-store", signal: patience(PATIENCE) });
    return answer.ok && isOurs(answer.headers) ? await answer.text() : null;
  } catch {
    return null;
  }
}

// A proxy's error page, a kept copy or a hotel's sign-in page is no answer of this site.
export const OURS = "Devotional-Answer"; // a header that keep_private() in lib/http.py sets
export const isOurs = (headers) => headers.has(OURS);

// A signal that gives up; older browsers have none, and wait for as long as they like.
export function patience(milliseconds) {
  return AbortSignal.timeout?.(milliseconds);
}
