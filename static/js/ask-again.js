// “In a month” is counted from the reader's day, which the server can't know (K9).
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-ask-again]");
  if (!link) return;
  const now = new Date();
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0"));
  const url = new URL(link.href);
  url.searchParams.set("today", day.join("-"));
  link.href = url;
});
