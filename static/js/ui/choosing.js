// Choosing words of one's own, to mark them as a hinge (K8) or to bring them to a group (T5): any
// that are selected, not only whole sentences. Without this, sentences are chosen one by one.
const form = document.querySelector("form.marking");

// The selected part of the text and where it begins there, in characters as the server counts them.
function selected(text) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(text)) return null;
  const within = range.cloneRange();
  const all = document.createRange();
  all.selectNodeContents(text);
  if (range.compareBoundaryPoints(Range.START_TO_START, all) < 0) within.setStart(all.startContainer, all.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, all) > 0) within.setEnd(all.endContainer, all.endOffset);
  const quote = within.toString();
  if (!quote.trim()) return null;
  all.setEnd(within.startContainer, within.startOffset);
  return { quote, at: Array.from(all.toString()).length };
}

// A long passage by its first and last words.
function ends(words) {
  if (words.length <= 160) return words;
  return `${words.slice(0, 80).replace(/\s+\S*$/, "")} … ${words.slice(-60).replace(/^\S*\s+/, "")}`;
}

function field(name) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  form.append(input);
  return input;
}

function begin() {
  const text = form.querySelector(".choosing");
  const said = form.querySelector(".chosen");
  const others = form.querySelector("[type=reset]");
  const boxes = [...form.querySelectorAll("[name=piece]")];
  const quote = field("quote");
  const at = field("at");

  function say(words) {
    said.hidden = others.hidden = !words;
    said.textContent = words && `${said.dataset.says} “${ends(words.trim())}”`;
  }

  function choose(found) {
    quote.value = found?.quote ?? "";
    at.value = found ? found.at : "";
  }

  // Chosen words stay chosen when the selection goes, which a tap on the button does on a phone.
  document.addEventListener("selectionchange", () => {
    const found = selected(text);
    if (!found) return;
    for (const box of boxes) box.checked = false;
    choose(found);
    say(found.quote);
  });

  // The end of a drag across a sentence is no tap on it.
  text.addEventListener("click", (event) => {
    if (event.target.name !== "piece" && selected(text)) event.preventDefault();
  });

  form.addEventListener("change", (event) => {
    if (event.target.name !== "piece") {
      // What else the form asks is no part of the words, and stays when others are chosen.
      for (const one of form.elements[event.target.name] ?? []) one.defaultChecked = one.checked;
      return;
    }
    const first = boxes.findIndex((box) => box.checked);
    const last = boxes.findLastIndex((box) => box.checked);
    choose(null);
    if (first < 0) return say("");
    const range = document.createRange();
    range.setStartBefore(boxes[first].parentNode);
    range.setEndAfter(boxes[last].parentNode);
    say(range.toString());
  });

  form.addEventListener("reset", () => {
    choose(null);
    getSelection().removeAllRanges();
    say("");
    boxes[0]?.focus();
  });

  // Coming back by the browser's own way: what was ticked then is not chosen now.
  addEventListener("pageshow", (event) => event.persisted && form.reset());
}

if (form) begin();
