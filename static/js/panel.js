// Fetches the private form, for those who can't wait for htmx to do it.
import { patience } from "./sending.js";

const PATIENCE = 15_000; // milliseconds

// The form's HTML, or null where no answer of ours came.
export async function fetchPanel(url) {
  try {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(url, { headers, signal: patience(PATIENCE) });
    // A proxy's own page is not our form.
    return answer.ok && answer.headers.has("X-Robots-Tag") ? await answer.text() : null;
  } catch {
    return null;
  }
}

// Puts the form on the page, unless `mayStay` says that it is no time to; whether it is there.
export async function openPanel(url, mayStay = () => false) {
  const html = await fetchPanel(url);
  if (html === null || mayStay()) return false;
  const body = document.querySelector("#leaf");
  htmx.swap(body, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
  return true;
}
