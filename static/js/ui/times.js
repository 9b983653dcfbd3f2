// Times come from the server with their zone; say them in the reader's.
// The page's language, as spoken where the reader is: 3 March or March 3.
const language = document.documentElement.lang;
const locale = navigator.languages.find((own) => own.split("-")[0] === language.split("-")[0]) || language || undefined;

// `data-day` asks for the day alone, `data-day="year"` for its year in any case.
function words(date, wanted) {
  const year = wanted === "year" || date.getFullYear() !== new Date().getFullYear() ? { year: "numeric" } : {};
  const day = date.toLocaleDateString(locale, { day: "numeric", month: "long", ...year });
  if (wanted !== undefined) return day;
  const time = date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${day}, ${time}`;
}

export function localise(within) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    if (!Number.isNaN(date.getTime())) time.textContent = words(date, time.dataset.day);
  }
}

localise(document);
document.addEventListener("htmx:afterSettle", () => localise(document));

// Files are made with the reader's days and hours, which the server can't know.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-in-my-zone]");
  if (!link) return;
  const url = new URL(link.href);
  url.searchParams.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
  link.href = url;
});

// “In a month” is counted from the reader's day, which the server can't know (K9).
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-ask-again]");
  if (!link) return;
  const now = new Date();
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0"));
  const url = new URL(link.href);
  url.searchParams.set("today", day.join("-"));
  link.href = url;
  // A file that was saved shows nowhere: say what to do with it.
  const told = link.closest(".ask-again")?.querySelector("[role=status]");
  if (told) told.textContent = told.dataset.says;
});
