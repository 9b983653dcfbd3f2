// On a reader's own pages: what this device keeps is sorted out for who is here (K4, K5).
import { sortOut } from "./whose.js";

const reader = document.querySelector(".yours")?.dataset.writer;
// A form on the page does it itself.
if (reader && !document.querySelector("form.reflection")) sortOut({ reader });

document.querySelector("[data-print]")?.addEventListener("click", () => print());
