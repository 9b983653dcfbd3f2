// Times come from the server with their zone; say them in the reader's.
const locale = document.documentElement.lang || undefined;

function words(date) {
  const time = date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (date.toDateString() === new Date().toDateString()) return time;
  const day = date.toLocaleDateString(locale, { day: "numeric", month: "long" });
  return `${day}, ${time}`;
}

function localise(within) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    if (!Number.isNaN(date.getTime())) time.textContent = words(date);
  }
}

localise(document);
document.addEventListener("htmx:afterSettle", () => localise(document));
