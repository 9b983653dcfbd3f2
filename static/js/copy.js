// Copies what a button names (`data-copy`; empty: this page's address), or the words as they stand
// in a box (`data-copy-from`), and says so beside it.
export function said(button, words) {
  button.parentElement.querySelector("[role=status]").textContent = words;
}

export async function copy(button, words) {
  try {
    await navigator.clipboard.writeText(words);
    said(button, button.dataset.done);
  } catch {
    said(button, button.dataset.failed); // plain http, or refused
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const from = button.dataset.copyFrom;
  copy(button, from ? document.getElementById(from).value : button.dataset.copy || location.origin + location.pathname);
});
