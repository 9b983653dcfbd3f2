// Back shows nothing of who was here before (K5). A page that comes back from the browser's memory,
// or stands in another tab while someone leaves, hides what is private until it knows who is here.
import { KEY, lastWriter, whoIsHere } from "./reader.js";

const form = () => document.querySelector("form.reflection");
const yours = document.querySelector("[data-writer].yours");

// The mark of the reader whose words this page shows; empty where it shows nobody's.
function shownHere() {
  const own = form();
  return own ? (own.querySelector("[name=writer]")?.value ?? own.dataset.writer ?? "") : (yours?.dataset.writer ?? "");
}

function hide(what) {
  document.documentElement.dataset.unsure = what;
}

async function look() {
  const shown = shownHere();
  if (!shown) return true;
  hide(yours ? "page" : "leaf");
  const here = (await whoIsHere())?.[0];
  const last = lastWriter().reader;
  // Without an answer this device's own memory must do: whoever left has wiped it. A session that
  // only got lost is another matter: words that were being written stay in their box (W7).
  const isLost = form() !== null && here === "" && last === shown;
  const isSame = here === undefined ? last === shown : here === shown || isLost;
  if (isSame) {
    delete document.documentElement.dataset.unsure;
    return true;
  }
  if (here === undefined) {
    addEventListener("online", look, { once: true });
    return false;
  }
  document.dispatchEvent(new Event("devotional:left"));
  document.querySelector(yours ? "main" : "#leaf")?.replaceChildren();
  // What this address had to show was that reader's; a page of the text is anyone's.
  if (yours) location.replace("/account/");
  else location.reload();
  return false;
}

addEventListener("pageshow", async (event) => {
  if (event.persisted && (await look())) document.dispatchEvent(new Event("devotional:back"));
});

// Another tab: someone left, or someone else has come. A session that was only lost changes nothing.
addEventListener("storage", (event) => {
  if (event.key !== KEY && event.key !== null) return;
  if (document.documentElement.dataset.leaving !== undefined) return;
  const { reader } = lastWriter();
  if (reader !== "" && reader !== shownHere()) look();
});
