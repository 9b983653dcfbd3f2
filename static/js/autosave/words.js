// The words of one form: in its boxes, on this device as drafts, and as far as the server has them.
import { rememberWriter } from "../session/reader.js";
import { TAB } from "../session/tabs.js";
import { dropDraft, keepDraft } from "./drafts.js";
import { outcomesIn } from "./form.js";
import { adopt, draftsAt, draftsInSection } from "./owner.js";
import { asStored, isSame } from "./text.js";

const STORED = ["saved", "unchanged", "empty"]; // what the server says of a box whose words it has

export class Words {
  #form;
  #place; // {reader, devotional, section, reading, was}
  #stored = new Map(); // by prompt: the words that the server has
  #keeping = Promise.resolve(); // the last draft on its way to the device
  #isOnDevice = true; // whether the one before it got there

  constructor(form, place) {
    this.#form = form;
    this.#place = place;
    for (const box of form.boxes) this.#stored.set(box.dataset.prompt, box.defaultValue);
  }

  get place() {
    return this.#place;
  }

  get isOnDevice() {
    return this.#isOnDevice;
  }

  // Resolves when what was to be kept is on the device, or can't be.
  get kept() {
    return this.#keeping;
  }

  get dirtyBoxes() {
    return this.#form.boxes.filter((box) => this.isDirty(box));
  }

  isDirty(box) {
    return asStored(box.value) !== asStored(this.stored(box.dataset.prompt));
  }

  stored(prompt) {
    return this.#stored.get(prompt) ?? "";
  }

  // Keeps what stands in a box, or `older` words of it; resolves to whether that is on the device.
  keep(box, older = {}) {
    const keeping = keepDraft(this.#place, { ...this.#form.words(box), ...older });
    this.#keeping = keeping.then((isKept) => (this.#isOnDevice = isKept));
    return this.#keeping;
  }

  // Drops the draft of a box whose words the server has, unless someone has typed on by then.
  drop(box) {
    const { prompt } = box.dataset;
    this.#keeping = this.#keeping.then(() => this.isDirty(box) || dropDraft({ ...this.#place, prompt }));
  }

  // Takes the server at its word only where its hash is that of the words that were sent. `drawn` has
  // the boxes as they were before the answer was shown, by prompt. Resolves to the boxes in which
  // someone typed on, and to the prompts whose words the server altered.
  async acknowledge(operation, drawn) {
    const goingOn = [];
    const altered = [];
    for (const { prompt, text: sent, state, digest: theirs } of outcomesIn(this.#form.element, operation)) {
      const box = this.#form.box(prompt);
      if (!box || !STORED.includes(state)) continue;
      const before = drawn.get(prompt);
      const isRedrawn = box !== before;
      const text = isRedrawn ? asStored(box.defaultValue) : sent;
      if (!(await isSame(text, theirs))) {
        altered.push(prompt);
        continue;
      }
      // Typed since, while it was tried again: those words are the newest.
      if (isRedrawn && before && asStored(before.value) !== sent) box.value = before.value;
      if (!(await this.#noteStored(box, text))) goingOn.push(box);
    }
    return { goingOn, altered };
  }

  // Words that another page left behind are on the server now: current, or in the history. Where the
  // box goes on from these very words, it is based on them from here on. Resolves to such boxes, where
  // someone typed on.
  async settleLeftBehind(operation, answer) {
    const goingOn = [];
    for (const { prompt, text, version, now, state, digest: theirs } of outcomesIn(answer, operation)) {
      if (operation.draft && state && (await isSame(text, theirs))) await dropDraft(operation.draft, text);
      const box = this.#form.box(prompt);
      if (!box || !["saved", "unchanged"].includes(state)) continue;
      if (![version, now].includes(this.#form.version(prompt))) continue;
      // A choice may have made other words of those that were sent.
      const drawn = answer.querySelector(`textarea[data-prompt="${CSS.escape(prompt)}"]`);
      const stands = drawn ? asStored(drawn.defaultValue) : text;
      if (stands !== text && asStored(box.value) !== text) continue;
      if (stands !== text) box.value = stands;
      this.#form.setVersion(prompt, now);
      if (!(await this.#noteStored(box, stands))) goingOn.push(box);
    }
    return goingOn;
  }

  // The server has `text` of a box. Resolves to whether its draft is done with.
  async #noteStored(box, text) {
    const { prompt } = box.dataset;
    this.#stored.set(prompt, text);
    const isDone = !this.isDirty(box);
    await dropDraft({ ...this.#place, prompt }, isDone ? undefined : text);
    return isDone;
  }

  // Puts the newest draft of each box into it, unless someone has begun to type there. Resolves to
  // the time of each that was put back, by prompt, and to the drafts that are older.
  async takeUp() {
    const putBack = new Map();
    const older = [];
    // A form that was made here knows no reading, so it shows what waits for any.
    const find = this.#form.isLocal ? draftsInSection : draftsAt;
    for (const draft of await find(this.#place)) {
      const { prompt, text } = draft;
      const box = this.#form.box(prompt);
      if (!box || box.disabled) continue;
      if (asStored(text) === asStored(box.defaultValue)) await dropDraft(draft, text);
      else if (!putBack.has(prompt) && box.value === box.defaultValue) {
        putBack.set(prompt, draft.at);
        await this.#putBack(box, draft);
      } else if (text !== asStored(box.value)) older.push(draft);
    }
    return { putBack, older };
  }

  async #putBack(box, draft) {
    box.value = draft.text;
    box.dispatchEvent(new Event("change", { bubbles: true })); // it may have to grow
    this.#form.setVersion(draft.prompt, draft.version);
    if (!this.#place.reader && draft.was) this.#belongTo(draft.was);
    const isKept = await this.keep(box, { text: draft.text, at: draft.at });
    const isOwn = draft.tab === TAB && draft.reading === this.#place.reading;
    if (isKept && !isOwn) await dropDraft(draft, draft.text);
  }

  // Nobody is known here now; what stands in the boxes was begun by this reader.
  #belongTo(was) {
    this.#place = { ...this.#place, was };
    this.#form.setWas(was);
  }

  // Another form was here: what someone was typing in it comes over under their hands, at once, before
  // the next key. Only to the same reader, who may have lost their session meanwhile, or where there is
  // none now. Answers whether they have come back to what they had begun.
  takeOver(old) {
    const { reader, section, reading } = this.#place;
    const before = old.#place;
    const isBack = reader !== "" && !before.reader && before.was === reader;
    if (before.section !== section || (reader && before.reader !== reader && !isBack)) return false;
    if (!old.#form.isLocal && before.reading !== reading) return false;
    const was = before.reader || before.was;
    if (!reader && was) this.#belongTo(was);
    for (const box of old.dirtyBoxes) this.#carryOver(box, old);
    return isBack;
  }

  #carryOver(box, old) {
    const { prompt } = box.dataset;
    const next = this.#form.box(prompt);
    if (!next || next.disabled) return;
    next.value = box.value;
    this.#form.setVersion(prompt, old.#form.version(prompt));
    if (next === document.activeElement) next.setSelectionRange(box.selectionStart, box.selectionEnd);
    const keeping = this.keep(next);
    // One draft of a box is enough: an older one left behind would come back over newer words.
    const { reader, reading } = old.#place;
    const isSame = reader === this.#place.reader && reading === this.#place.reading;
    if (!isSame) keeping.then(() => dropDraft({ ...old.#place, prompt }));
  }

  // After a first save, at once: the next page sends what this one can't, and must know whose it is.
  rememberReader() {
    if (this.#form.writer !== this.#place.reader) rememberWriter(this.#form.writer);
  }

  // After a first save: what is still to be sent from this form is theirs, and all else that was typed
  // in this tab.
  async meetReader() {
    const reader = this.#form.writer;
    if (reader === this.#place.reader) return;
    await this.#moveTo(reader);
    await adopt(reader);
  }

  // The session is gone while someone writes: their words here are nobody's until they agree again, and
  // never those of another who comes instead.
  async leaveToNobody() {
    await this.#moveTo("", this.#place.reader || this.#place.was);
  }

  async #moveTo(reader, was = "") {
    const before = this.#place;
    this.#place = { ...before, reader, was };
    for (const box of this.dirtyBoxes) {
      await this.keep(box);
      await dropDraft({ ...before, prompt: box.dataset.prompt });
    }
  }
}
