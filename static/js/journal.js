// In the journal: say so where an answer never came. Nothing was changed then, and nothing is lost.
const line = document.querySelector("#notice[data-no-network]");

if (line) {
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => { line.textContent = line.dataset.noNetwork; });
  }
  document.addEventListener("htmx:beforeRequest", () => { line.textContent = ""; });
}
