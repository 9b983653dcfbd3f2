// The question about words that someone unknown left on this device, in a tab that is gone: they are
// shown only to who says that they wrote them, since the next person in this browser may be another (W5).
import { getItem, setItem } from "../session/storage.js";
import { localise } from "../ui/times.js";
import { claim, unclaimedAt } from "./owner.js";

const LATER = 2000; // milliseconds
const DECLINED = "devotional:not-mine"; // in this tab's own storage: asked once is enough

function ask(form, time, { mine, notMine }) {
  const question = document.querySelector("#unclaimed").content.firstElementChild.cloneNode(true);
  question.querySelector("time").dateTime = new Date(time).toISOString();
  localise(question);
  const answer = (button, act) => {
    question.querySelector(button).addEventListener("click", async () => {
      await act();
      question.remove();
      form.boxes[0]?.focus();
    });
  };
  answer("[data-mine]", mine);
  answer("[data-not-mine]", notMine);
  form.element.prepend(question);
}

// Asks above the boxes, where there is something to ask about. A tab that was closed a moment ago
// still counts as one that writes, so it is looked for once more a little later.
export async function offerUnclaimed(autosave, isAgain = false) {
  const { form, place } = autosave;
  const stands = new Map(form.boxes.map((box) => [box.dataset.prompt, box.value]));
  const drafts = await unclaimedAt(place, stands);
  if (!drafts.length && !isAgain) setTimeout(() => offerUnclaimed(autosave, true), LATER);
  if (!drafts.length || autosave.state === "retired" || getItem("sessionStorage", DECLINED)) return;
  ask(form, drafts[0].at, {
    mine: async () => {
      await claim(drafts, autosave.place);
      await autosave.takeUp();
    },
    notMine: () => setItem("sessionStorage", DECLINED, "yes"), // else it is asked on the next page too
  });
}
