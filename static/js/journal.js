// In the journal: say so where an answer never came. What was asked may have been done all the same.
const line = document.querySelector("#notice[data-unanswered]");

if (line) {
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => {
      const { offline, unanswered } = line.dataset;
      line.textContent = navigator.onLine === false ? offline : unanswered;
    });
  }
  document.addEventListener("htmx:beforeRequest", () => { line.textContent = ""; });
}
