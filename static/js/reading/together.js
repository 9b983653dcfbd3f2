// Reading with others: an invitation that was opened and not yet followed, offered again beside the
// text (T3), and on the cover with whom one reads (T6). An invitation is kept on this device alone,
// under a name that signing out wipes.
import { fetchPrivate, lastWriter } from "../session/reader.js";
import { getJson, setJson } from "../session/storage.js";

const KEY = "devotional:invitations";

const all = () => getJson("localStorage", KEY);
const keep = (invitations) => setJson("localStorage", KEY, invitations);

function forget(devotional) {
  const invitations = all();
  if (!(devotional in invitations)) return;
  delete invitations[devotional];
  keep(invitations);
}

const door = document.querySelector("[data-invitation]");
if (door) keep({ ...all(), [door.dataset.devotional]: door.dataset.invitation });

// Once in, there is nothing left to follow.
const joined = document.querySelector("[data-joined]");
if (joined) forget(joined.dataset.joined);

const line = document.querySelector("[data-invited]");
const path = line && all()[line.dataset.invited];
if (typeof path === "string" && path.startsWith("/j/")) {
  line.querySelector("a").href = `${path}#join`;
  line.hidden = false;
  line.querySelector("button").addEventListener("click", () => {
    forget(line.dataset.invited);
    line.hidden = true;
    document.querySelector("#main").focus();
  });
}

// The cover is the same for everyone, so it asks apart, and only where this device knows that
// someone writes or reads with others here.
async function sayWithWhom(place) {
  const html = await fetchPrivate(place.dataset.groups);
  const words = html && new DOMParser().parseFromString(html, "text/html").querySelector("p");
  if (words) place.replaceChildren(words);
}

const groups = document.querySelector("[data-groups]");
if (groups && lastWriter().reader) sayWithWhom(groups);
