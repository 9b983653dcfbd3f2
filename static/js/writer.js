// Who wrote here last, by the mark that says nothing else: so that drafts written without a network
// are kept under the right name.
import { patience } from "./sending.js";

export const KEY = "devotional:writer";
const PATIENCE = 10_000; // milliseconds

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

// The mark of who is here by the server's word, and those of guests who became them; null where
// there was no answer.
export async function whoIsHere() {
  try {
    const answer = await fetch("/account/who/", { cache: "no-store", signal: patience(PATIENCE) });
    return answer.ok && answer.headers.has("X-Robots-Tag") ? (await answer.text()).split(" ") : null;
  } catch {
    return null;
  }
}
