// Words that someone unknown left on this device, in a tab that is gone: told of, and shown only to
// who says that they wrote them, since the next person in this browser may be another (W5).
import { claim, dropUnclaimedSaves, unclaimedAt, unclaimedBeside } from "./drafts.js";
import { phrases } from "./states.js";
import { localise } from "../ui/times.js";

const LATER = 2000; // milliseconds
const DECLINED = "devotional:not-mine"; // in this tab's own storage: asked once is enough

function isDeclined() {
  try {
    return sessionStorage.getItem(DECLINED) !== null;
  } catch {
    return false;
  }
}

function decline() {
  try {
    sessionStorage.setItem(DECLINED, "yes");
  } catch {
    // Then it is asked again on the next page.
  }
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button quiet small";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function unclaimedHere(saver) {
  if (!saver.place.reader) return unclaimedAt(saver.place);
  return unclaimedBeside(saver.place, new Map(saver.boxes().map((box) => [box.dataset.prompt, box.value])));
}

// Asks above the boxes, where there is something to ask about. A tab that was closed a moment ago
// still counts as one that writes, so it is looked for once more a little later.
export async function offerUnclaimed(saver, again = true) {
  const drafts = await unclaimedHere(saver);
  if (!drafts.length && again) setTimeout(() => offerUnclaimed(saver, false), LATER);
  if (!drafts.length || isDeclined() || saver.waits === "retired") return;
  const question = document.createElement("div");
  question.className = "told unclaimed";
  question.setAttribute("role", "status");
  const said = question.appendChild(document.createElement("p"));
  const at = document.createElement("time");
  at.dateTime = new Date(drafts[0].at).toISOString();
  said.append(phrases().unclaimed, " ", at);
  const act = question.appendChild(document.createElement("p"));
  act.className = "act";
  const show = button(phrases().mine, async () => {
    for (const draft of drafts) await claim(draft, saver.place);
    await dropUnclaimedSaves(saver.place);
    question.remove();
    saver.boxes()[0]?.focus();
    await saver.takeUp();
  });
  const leave = button(phrases().notMine, () => {
    decline();
    question.remove();
    saver.boxes()[0]?.focus();
  });
  act.append(show, " ", leave);
  saver.form.prepend(question);
  localise(said);
}
