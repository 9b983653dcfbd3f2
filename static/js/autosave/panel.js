// Fetches the private form, for those who can't wait for htmx to do it.
import { isOurs, patience } from "../session/reader.js";
import { troubleWith } from "./sending.js";

const PATIENCE = 15_000; // milliseconds

// Resolves to {html}, or to {trouble} where no form came.
async function askForPanel(url) {
  try {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(url, { headers, signal: patience(PATIENCE) });
    // A proxy's own page is not our form.
    const known = isOurs(answer.headers);
    return answer.ok && known ? { html: await answer.text() } : { trouble: troubleWith(known) };
  } catch {
    return { trouble: troubleWith(false) };
  }
}

// The form's HTML, or null where no answer of ours came.
export async function fetchPanel(url) {
  return (await askForPanel(url)).html ?? null;
}

// Puts the form on the page, unless `mayStay` says that it is no time to. Resolves to {isOpen}, and
// to {trouble} where there is one.
export async function openPanel(url, mayStay = () => false) {
  const { html, trouble } = await askForPanel(url);
  if (trouble || mayStay()) return { isOpen: false, trouble };
  const body = document.querySelector("#leaf");
  htmx.swap(body, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
  return { isOpen: true };
}
