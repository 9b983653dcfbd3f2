// Says on every page that words wait on this device: typed by someone who has not agreed to have them
// saved. How many, never what they are: the next person in this browser may be another (W5).
import { allDrafts } from "./drafts.js";

const line = document.querySelector(".waiting-here");

// Those of the part whose panel is on this page are in sight there.
const isElsewhere = ({ devotional, section }) => {
  const open = document.querySelector(".leaf")?.dataset;
  return open?.devotional !== devotional || open?.section !== section;
};

const isWaiting = (draft) => !draft.reader && !draft.was && draft.text.trim() && isElsewhere(draft);

async function look() {
  const drafts = (await allDrafts()).filter(isWaiting).sort((a, b) => a.at - b.at);
  const answers = new Set(drafts.map(({ devotional, section, prompt }) => [devotional, section, prompt].join("/")));
  line.hidden = !answers.size;
  if (!answers.size) return;
  for (const part of line.querySelectorAll("[data-one]")) {
    const { one, many } = part.dataset;
    part.textContent = answers.size === 1 ? one : many.replace("{n}", answers.size);
  }
  const { devotional, section } = drafts[0];
  line.querySelector("a").href = `/read/${devotional}/${section}/#reflect`;
}

if (line) {
  look();
  document.addEventListener("devotional:shown", look);
  document.addEventListener("htmx:afterSettle", look);
}
