// Reading with others: an invitation that was opened and not yet followed, offered again on the
// cover, beside the text and after the first save (T3), and on the cover with whom one reads (T6).
// An invitation is kept on this device alone, under a name that signing out wipes.
import { fetchPrivate, isOurs, lastWriter, patience } from "../session/reader.js";
import { getJson, setJson } from "../session/storage.js";

const PATIENCE = 10_000; // milliseconds
const KEY = "devotional:invitations"; // by devotional: {path, inviter}; a path alone from before

const all = () => getJson("localStorage", KEY);
const keep = (invitations) => setJson("localStorage", KEY, invitations);

function invitationTo(devotional) {
  const kept = all()[devotional];
  const { path, inviter } = typeof kept === "string" ? { path: kept } : (kept ?? {});
  return typeof path === "string" && path.startsWith("/j/") ? { path, inviter } : null;
}

function forget(devotional) {
  const invitations = all();
  if (!(devotional in invitations)) return;
  delete invitations[devotional];
  keep(invitations);
  for (const leaf of document.querySelectorAll(".invited")) leaf.hidden = true;
}

// The invitation's own page, as it is for who is here now; null where it can't be had. One that is
// over is forgotten.
async function doorOf(devotional, { path }) {
  try {
    const answer = await fetch(path, { cache: "no-store", signal: patience(PATIENCE) });
    if (!isOurs(answer.headers)) return null;
    if (answer.status === 404) forget(devotional);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

const inviterAt = (door) => door.querySelector("[data-invitation]")?.dataset.inviter;

const door = document.querySelector("[data-invitation]");
if (door) {
  const { devotional, invitation, inviter } = door.dataset;
  keep({ ...all(), [devotional]: { path: invitation, inviter } });
}

// Once in, there is nothing left to follow.
for (const joined of document.querySelectorAll("[data-joined]")) forget(joined.dataset.joined);

// Whoever is known here may have joined on another device; then the door says so.
async function offer(leaf) {
  const { invited: devotional } = leaf.dataset;
  const invitation = invitationTo(devotional);
  if (!invitation) return;
  if (lastWriter().reader || !invitation.inviter) {
    const page = await doorOf(devotional, invitation);
    invitation.inviter = page ? inviterAt(page) : invitation.inviter;
    if (page && !invitation.inviter) return forget(devotional);
    if (!invitation.inviter) return;
  }
  const link = leaf.querySelector("a");
  link.href = `${invitation.path}#join`;
  link.querySelector("[data-inviter]").textContent = invitation.inviter;
  // Who was asked into a group isn't asked to start another.
  const starts = [...document.querySelectorAll(`a[href$="/groups/new/?of=${devotional}"]`)];
  const as = starts.map((start) => start.cloneNode(true));
  for (const start of starts) {
    start.href = link.href;
    start.replaceChildren(...link.cloneNode(true).childNodes);
  }
  leaf.querySelector("button").addEventListener("click", () => {
    forget(devotional);
    starts.forEach((start, number) => start.replaceWith(as[number]));
    document.querySelector("#main").focus();
  });
  leaf.hidden = false;
}

const line = document.querySelector("[data-invited]");
if (line) offer(line);

// Words are saved: the time to ask. The form is that of the invitation's page, with the name of
// who leads, for who is here now.
async function offerAfterSave(leaf) {
  const { afterSave: devotional } = leaf.dataset;
  const invitation = invitationTo(devotional);
  delete leaf.dataset.afterSave; // asked about once
  const page = invitation && (await doorOf(devotional, invitation));
  if (!page) return;
  const inviter = inviterAt(page);
  const form = page.querySelector("#join form");
  if (!inviter || !form) return forget(devotional);
  leaf.querySelector("[data-inviter]").textContent = inviter;
  const later = leaf.querySelector(".act");
  form.querySelector(".act").append(later.firstElementChild);
  later.replaceWith(document.adoptNode(form));
  form.addEventListener("click", (event) => {
    if (event.target.type !== "button") return;
    forget(devotional);
    document.querySelector("#reflect")?.focus();
  });
  if (line) line.hidden = true;
  leaf.hidden = false;
}

function lookForSaved() {
  if (!document.querySelector("#leaf .dots")) return; // nothing is saved yet
  for (const leaf of document.querySelectorAll("[data-after-save]")) offerAfterSave(leaf);
}

lookForSaved();
document.addEventListener("htmx:afterSettle", lookForSaved);

// The cover is the same for everyone, so it asks apart, and only where this device knows that
// someone writes or reads with others here.
async function sayWithWhom(place) {
  const html = await fetchPrivate(place.dataset.groups);
  const words = html && new DOMParser().parseFromString(html, "text/html").querySelector("p");
  if (words) place.replaceChildren(words);
}

const groups = document.querySelector("[data-groups]");
if (groups && lastWriter().reader) sayWithWhom(groups);
