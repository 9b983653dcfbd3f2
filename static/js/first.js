// Runs before the first paint: puts the reader's choices on the page, so that nothing flashes.
// Small and blocking on purpose; everything else waits.
{
  const root = document.documentElement;
  root.dataset.script = "";
  try {
    const chosen = JSON.parse(localStorage.getItem("devotional:aa") || "{}");
    for (const name of ["theme", "size", "spacing", "face"]) {
      if (typeof chosen[name] === "string") root.dataset[name] = chosen[name];
    }
  } catch {
    // Storage may be refused; the page is fine as it is.
  }
}
