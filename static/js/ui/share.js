// Share and copy: the phone's own sheet, else the clipboard (R2, T2). A button names a link or code
// (`data-share`, `data-copy`; empty: this page's address) or the box whose words go (`data-share-from`,
// `data-copy-from`), and what came of it is said beside it.

function say(button, words) {
  button.parentElement.querySelector("[role=status]").textContent = words;
}

async function copy(button, words) {
  try {
    await navigator.clipboard.writeText(words);
    say(button, button.dataset.done);
  } catch {
    say(button, button.dataset.failed); // plain http, or refused
  }
}

function linkToShare() {
  // The cover's own address, at the name by which this visitor reached the site.
  const canonical = document.querySelector("link[rel=canonical]");
  return canonical ? location.origin + new URL(canonical.href).pathname : location.href;
}

async function share(button) {
  const from = button.dataset.shareFrom;
  const words = from ? document.getElementById(from).value : button.dataset.share || linkToShare();
  if (!navigator.share) return copy(button, words);
  try {
    await navigator.share(from ? { text: words } : { title: button.dataset.title ?? document.title, url: words });
  } catch (error) {
    if (error.name !== "AbortError") say(button, button.dataset.failed);
  }
}

document.addEventListener("click", ({ target }) => {
  const sharing = target.closest("[data-share], [data-share-from]");
  if (sharing) share(sharing);
  const copying = target.closest("[data-copy], [data-copy-from]");
  if (!copying) return;
  const from = copying.dataset.copyFrom;
  const here = location.origin + location.pathname;
  copy(copying, from ? document.getElementById(from).value : copying.dataset.copy || here);
});
