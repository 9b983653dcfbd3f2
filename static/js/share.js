// The cover's Share: the phone's own sheet, else the address on the clipboard (R2).
const button = document.querySelector("[data-share]");

async function share() {
  const state = document.querySelector("[data-share-state]");
  // The cover's own address, at the name by which this visitor reached the site.
  const canonical = document.querySelector("link[rel=canonical]");
  const link = canonical ? location.origin + new URL(canonical.href).pathname : location.href;
  try {
    if (navigator.share) {
      await navigator.share({ title: document.title, url: link });
      return;
    }
    await navigator.clipboard.writeText(link);
    state.textContent = button.dataset.done;
  } catch (error) {
    if (error.name !== "AbortError") state.textContent = button.dataset.failed;
  }
}

button?.addEventListener("click", share);
