// What is to be sent for one form, as operations: {op, consent, extra, boxes: [{prompt, text, version}]}.
// What another page left behind, `isLeftBehind`, is sent for its own sake and changes no box.
import { newId } from "../session/tabs.js";
import { isTooLong } from "./text.js";

export class Queue {
  #form;
  #words;
  #unanswered = []; // begun by another page, without an answer
  #asked = []; // what a person asked for by a button, to be collected in its turn
  #older = []; // drafts of other pages for boxes that hold newer words

  constructor(form, words) {
    this.#form = form;
    this.#words = words;
  }

  get hasMore() {
    return this.hasLeftBehind || this.#asked.length > 0;
  }

  get hasLeftBehind() {
    return this.#unanswered.length > 0 || this.#older.length > 0;
  }

  // `asked` is what the button adds to the words.
  ask(asked) {
    this.#asked.push(asked);
  }

  repeat(save) {
    this.#unanswered.unshift({ ...save, isLeftBehind: true });
  }

  addOlder(draft) {
    const { prompt, text, version } = draft;
    this.#older.push({ op: newId(), boxes: [{ prompt, text, version }], isLeftBehind: true, draft });
  }

  // The next operation, or null; of what was typed only where it may go by itself. First what another
  // page began, since what is here came after it.
  next(maySave) {
    if (this.#unanswered.length) return this.#unanswered.shift();
    while (this.#asked.length) {
      const operation = this.collect(this.#asked.shift());
      if (operation) return operation;
    }
    return (maySave ? this.collect() : null) ?? this.#older.shift() ?? null;
  }

  // What stands in the boxes and the server doesn't have, or null.
  collect(asked) {
    const boxes = this.#form.boxes.filter((box) => this.#isDue(box, asked));
    if (!boxes.length && !asked?.paper) return null;
    const extra = { ...asked };
    const newest = `newest-${asked?.keep?.split(":")[1]}`;
    if (this.#form.value(newest) !== undefined) extra[newest] = this.#form.value(newest);
    const consent = this.#form.value("consent") ?? "";
    return { op: newId(), extra, consent, boxes: boxes.map((box) => this.#form.words(box)) };
  }

  #isDue(box, asked) {
    const { prompt } = box.dataset;
    if (asked?.keep?.endsWith(`:${prompt}`)) return true;
    if (this.#form.isApart(prompt)) return false;
    if (asked?.paper) return false; // nothing but the mark; the words go by themselves
    // The first time all go: it is for the server to say that there is nothing yet.
    if (asked && this.#form.asksForConsent) return true;
    return this.#words.isDirty(box) && (asked !== undefined || !isTooLong(box.value));
  }
}
