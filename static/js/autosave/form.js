// The form as the server draws it: its boxes and fields, what a save takes from them, and what an
// answer does to them.
import { dropOldQuestion } from "./consent.js";
import { fetchForm } from "./sender.js";
import { announce, phrases, sayRoom } from "./status.js";
import { asStored } from "./text.js";

const FIELDS = ["reading", "questions", "writer", "was"];

export class ReflectionForm {
  constructor(element) {
    this.element = element;
  }

  get action() {
    return this.element.getAttribute("action");
  }

  // Made here, since the server's could not be had (offline_form.js).
  get isLocal() {
    return this.element.dataset.local !== undefined;
  }

  get writer() {
    return this.value("writer") ?? this.element.dataset.writer;
  }

  get boxes() {
    return [...this.element.querySelectorAll("textarea.box:not(:disabled)")];
  }

  get asksForConsent() {
    return this.value("consent") !== undefined;
  }

  get hasTwoTexts() {
    return this.element.querySelector(".both") !== null;
  }

  box(prompt) {
    return this.element.querySelector(`textarea[data-prompt="${CSS.escape(prompt)}"]`);
  }

  // Where it is said what became of a box.
  state(prompt) {
    return this.element.querySelector(`#state-${CSS.escape(prompt)}`);
  }

  value(name) {
    return this.element.querySelector(`[name="${name}"]`)?.value;
  }

  version(prompt) {
    return Number(this.value(`version-${prompt}`) ?? this.box(prompt)?.dataset.version) || 0;
  }

  setVersion(prompt, version) {
    const field = this.element.querySelector(`[name="version-${prompt}"]`);
    if (field) field.value = version;
    else this.box(prompt).dataset.version = version;
  }

  // Who began what stands here, and lost their session: nobody else goes on from their versions.
  setWas(reader) {
    const field = this.element.querySelector("[name=was]") ?? document.createElement("input");
    Object.assign(field, { type: "hidden", name: "was", value: reader });
    if (!field.isConnected) (this.element.querySelector("#leaf-foot") ?? this.element).append(field);
  }

  // Whether two texts of a box wait for a choice.
  isApart(prompt) {
    return this.state(prompt)?.querySelector(".both") != null;
  }

  canUndo(prompt) {
    return this.element.querySelector(`button[value="undo:${CSS.escape(prompt)}"]`) !== null;
  }

  // A box with its words as an operation carries them.
  words(box) {
    const { prompt } = box.dataset;
    return { prompt, text: asStored(box.value), version: this.version(prompt) };
  }

  // What is sent for an operation, {op, consent, extra, boxes: [{prompt, text, version}]}.
  body({ op, consent, extra = {}, boxes }) {
    const body = new URLSearchParams();
    for (const name of FIELDS) if (this.value(name) !== undefined) body.set(name, this.value(name));
    // The sentence that was agreed to, whatever the form says by now.
    if (consent) body.set("consent", consent);
    body.set("op", op);
    for (const { prompt, text, version } of boxes) {
      body.set(`text-${prompt}`, text);
      body.set(`version-${prompt}`, version);
    }
    for (const [name, value] of Object.entries(extra)) body.set(name, value);
    return body;
  }

  // Where a save waits for someone's word, its button is there; else nothing is saved by hand.
  offerSave(isOffered) {
    this.element.dataset.autosave = isOffered ? "asked" : "";
  }

  sayRoom(boxes = this.boxes) {
    for (const box of boxes) sayRoom(this.state(box.dataset.prompt), box.value);
  }

  // A box that is about to be drawn anew, as a choice asks, takes no words until it is.
  hold(choice, isHeld) {
    const prompt = choice.split(":")[1];
    const box = this.box(prompt);
    if (box) box.readOnly = isHeld;
    for (const button of this.state(prompt)?.querySelectorAll("button") ?? []) button.disabled = isHeld;
    if (isHeld) announce(phrases.saving);
  }

  // The button that was pressed may be gone; the focus goes to what has come of it (R8).
  focusAfter(extra) {
    if (extra?.paper) return this.element.querySelector("#on-paper button")?.focus();
    if (document.activeElement !== document.body) return;
    if (extra?.keep) this.box(extra.keep.split(":")[1])?.focus();
    else this.element.querySelector("[data-go-on]")?.focus({ preventScroll: true });
  }
}

// What became of each box of an operation, read from where the answer was put.
export function outcomesIn(root, operation) {
  return operation.boxes.map((box) => {
    const { value, dataset } = root.querySelector(`[name="version-${box.prompt}"]`) ?? {};
    return { ...box, now: Number(value), state: dataset?.state ?? "", digest: dataset?.digest ?? "" };
  });
}

export const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

// Puts an answer where it belongs; whether there was such a place.
export function show({ target, html, swap }) {
  const place = document.querySelector(target);
  if (!place) return false;
  if (place.id === "leaf-foot") dropOldQuestion(place.closest("form"));
  const opened = [...document.querySelectorAll(".dots[open]")].map((menu) => menu.parentElement.id);
  swapInto(place, html, swap);
  for (const id of opened) document.getElementById(id)?.querySelector(".dots")?.setAttribute("open", "");
  document.dispatchEvent(new Event("devotional:shown"));
  return true;
}

// Puts the form on the page, unless `mayNot` says that it is no time to. Resolves to {isOpen}, and to
// {trouble} where there is one.
export async function openForm(url, mayNot = () => false) {
  const { html, trouble } = await fetchForm(url);
  if (trouble || mayNot()) return { isOpen: false, trouble };
  swapInto(document.querySelector("#leaf"), html, "innerHTML");
  return { isOpen: true };
}

function swapInto(place, html, swapStyle) {
  htmx.swap(place, html, { swapStyle, swapDelay: 0, settleDelay: 0 });
}
