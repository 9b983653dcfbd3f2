// By which clock a group meets, and what that is by this device's (T7).
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const language = document.documentElement.lang;
const locale = navigator.languages.find((each) => each.split("-")[0] === language.split("-")[0]) || language;
const HALF_A_YEAR = 183 * 86_400_000; // milliseconds

// A moment as clocks in a zone show it.
const shown = (date, timeZone) => date.toLocaleString("en-GB", { dateStyle: "short", timeStyle: "short", timeZone });

// An hour says whose it is; unless it is the reader's own.
for (const moment of document.querySelectorAll("[data-meets]")) {
  const date = new Date(moment.dataset.meets);
  const zone = moment.querySelector(".zone");
  if (shown(date, moment.dataset.zone) === shown(date, own)) zone.hidden = true;
  else {
    const when = date.toLocaleString(locale, { weekday: "long", hour: "numeric", minute: "2-digit" });
    const here = moment.querySelector(".here");
    here.textContent = here.dataset.says.replace("{when}", when);
    here.hidden = false;
  }
}

// A device's name for its zone may be an older one than the list's, or of a place with the same clock.
function nameIn(names) {
  if (names.includes(own)) return own;
  const resolved = (name) => Intl.DateTimeFormat(undefined, { timeZone: name }).resolvedOptions().timeZone;
  const now = Date.now();
  const clocks = (name) => shown(new Date(now), name) + shown(new Date(now + HALF_A_YEAR), name);
  return names.find((name) => resolved(name) === own) ?? names.find((name) => clocks(name) === clocks(own));
}

// Until someone chose another zone, a group meets by this device's.
const select = document.querySelector("select[data-own-zone]");
if (select) {
  try {
    select.value = nameIn([...select.options].map((option) => option.value)) ?? select.value;
  } catch {
    // A browser that doesn't know a name of the list; then the site's own stands.
  }
}
