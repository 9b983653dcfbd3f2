// With whom one reads this devotional, on its cover. The cover is the same for everyone, so it asks
// apart, and only where this device knows that someone writes or reads with others here (T6).
import { lastWriter } from "./writer.js";
import { patience } from "./sending.js";

const PATIENCE = 10_000; // milliseconds

async function sayWithWhom(line) {
  try {
    const answer = await fetch(line.dataset.groups, { cache: "no-store", signal: patience(PATIENCE) });
    // A reply without this header is a kept page, or not from this site.
    if (!answer.ok || !answer.headers.has("X-Robots-Tag")) return;
    const words = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("p");
    if (words) line.replaceChildren(words);
  } catch {
    // The line stays as it is for everyone.
  }
}

const line = document.querySelector("[data-groups]");
if (line && lastWriter().reader) sayWithWhom(line);
