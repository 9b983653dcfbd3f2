// Who writes here, by this device's memory and by the server's word, and asking the server for what
// is a reader's own. A reader is known by a public name, the reader key, that opens nothing.

export const KEY = "devotional:writer";
const PATIENCE = 10_000; // milliseconds

// {reader}: who wrote last on this device; without a reader where nobody has.
export function lastWriter() {
  try {
    return JSON.parse(localStorage.getItem(KEY) || "{}");
  } catch {
    return {};
  }
}

export function rememberWriter(reader) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ reader }));
  } catch {
    // Then a draft without a network is nobody's until the form comes.
  }
}

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
export const isOurs = (headers) => headers.has("X-Robots-Tag");

// A signal that gives up; older browsers have none, and wait for as long as they like.
export function patience(milliseconds) {
  return AbortSignal.timeout?.(milliseconds);
}
