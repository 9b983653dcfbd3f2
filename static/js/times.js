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
