// Share: the phone's own sheet, else the clipboard (R2, T2).
// A button names a link (`data-share`; empty: the page's own) or the box whose words go (`data-share-from`).
import { copy, said } from "./copy.js";

function page() {
  // The cover's own address, at the name by which this visitor reached the site.
  const canonical = document.querySelector("link[rel=canonical]");
  return canonical ? location.origin + new URL(canonical.href).pathname : location.href;
}

async function share(button) {
  const from = button.dataset.shareFrom;
  const words = from ? document.getElementById(from).value : button.dataset.share || page();
  if (!navigator.share) return copy(button, words);
  try {
    await navigator.share(from ? { text: words } : { title: button.dataset.title ?? document.title, url: words });
  } catch (error) {
    if (error.name !== "AbortError") said(button, button.dataset.failed);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-share], [data-share-from]");
  if (button) share(button);
});
