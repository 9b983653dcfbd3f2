// Keeps a form's words safe: a draft on the device first, then a save about a second after the last
// key and at least every five, one at a time, again and again until the server has them (W4, W5).
// The form stays the form: without this file htmx sends it, and without htmx the browser does.
import { acknowledge, hold, lookAfterFocus, show } from "./answers.js";
import { dropDraft, dropSending, keepDraft, keepSending } from "./drafts.js";
import { settleLeftBehind, takeUp } from "./left_behind.js";
import { bytesLeft, thousandsLeft } from "./limit.js";
import { asStored, firstSaveAlone, send, sendOnLeaving, troubleWith } from "./sending.js";
import { announce, complain, phrases, say, sayRoom, unsay } from "./states.js";
import { newId } from "./tabs.js";
import { offerUnclaimed } from "./unclaimed.js";
import { keepAsNobody, meetReader } from "./whose.js";

const PAUSE = 1_000; // milliseconds after the last key
const LONGEST = 5_000; // milliseconds that words wait while someone types on
const SLOWEST = 60_000; // milliseconds between two tries
const DEVICE_PATIENCE = 1_000; // milliseconds: a stuck storage must not hold back a save

// Answers of the form itself, with words for its writer; others come from what stands around it.
function isOverQuota(reply) {
  return Boolean(reply?.isOurs) && (reply.status === 429 || (reply.status === 503 && reply.target === "#leaf-foot"));
}

export class Saver {
  constructor(form, place) {
    this.form = form;
    this.place = place; // {reader, devotional, section, reading}
    this.known = new Map(); // by prompt: the words that the server has
    this.keeping = Promise.resolve(true); // the last draft on its way to the device
    this.onDevice = true; // whether it got there
    this.current = null; // the operation that has no answer yet
    this.begun = []; // operations that another page began and has no answer to
    this.asked = []; // what a person asked for by a button, to be collected in its turn
    this.asides = []; // drafts of other pages for a box that holds newer words
    this.busy = false; // whether a request is on its way
    this.tries = 0; // since the last answer
    this.trouble = ""; // the phrase for why there was none
    this.waits = ""; // "until edited" or "until asked": what the server refused
    this.aloud = false; // whether someone pressed a button and is to be told
    this.since = undefined; // when the oldest unsaved key was pressed
    this.timer = undefined;
    for (const box of this.boxes()) this.known.set(box.dataset.prompt, box.defaultValue);
  }

  boxes() {
    return [...this.form.querySelectorAll("textarea.box:not(:disabled)")];
  }

  box(prompt) {
    return this.form.querySelector(`textarea[data-prompt="${CSS.escape(prompt)}"]`);
  }

  field(name) {
    return this.form.querySelector(`[name="${name}"]`);
  }

  version(prompt) {
    return Number(this.field(`version-${prompt}`)?.value ?? this.box(prompt)?.dataset.version) || 0;
  }

  setVersion(prompt, version) {
    const field = this.field(`version-${prompt}`);
    if (field) field.value = version;
    else this.box(prompt).dataset.version = version;
  }

  isApart(prompt) {
    return this.form.querySelector(`#state-${CSS.escape(prompt)} .both`) !== null;
  }

  canUndo(prompt) {
    return this.form.querySelector(`button[value="undo:${CSS.escape(prompt)}"]`) !== null;
  }

  isDirty(box) {
    return asStored(box.value) !== asStored(this.known.get(box.dataset.prompt) ?? "");
  }

  // Before someone agreed nothing leaves the device; after a 401 they are asked once more (W3, W7).
  get mayGo() {
    return !this.isLocal && !this.waits && !this.field("consent") && Boolean(this.place.reader);
  }

  get isLocal() {
    return this.form.dataset.local !== undefined;
  }

  // Coming and going

  // `ready` resolves when the device's drafts are sorted out for this reader.
  async begin(ready) {
    this.form.addEventListener("input", (event) => this.typed(event.target));
    await ready;
    await this.takeUp();
    await offerUnclaimed(this);
  }

  // Puts what the device has for this form into it, and sends what may go.
  async takeUp() {
    const putBack = await takeUp(this);
    if (this.waits === "retired") return;
    this.sayAllLeft();
    for (const box of this.boxes()) {
      if (this.isDirty(box)) this.typed(box, { quietly: putBack.has(box.dataset.prompt) });
    }
    this.wake();
  }

  wake() {
    if (this.waits === "retired") return;
    if (this.tries || this.current || this.begun.length || this.asides.length) this.push();
  }

  leave() {
    if (this.isLocal || this.waits) return;
    const operation = this.current ?? (this.mayGo ? this.collect() : null);
    if (!operation || operation.leftBehind) return;
    this.current = operation;
    keepSending(this.place, operation);
    sendOnLeaving(this.form, operation);
  }

  // Another form has taken this one's place; what has no answer yet, it asks for anew.
  retire() {
    clearTimeout(this.timer);
    this.waits = "retired";
  }

  // Only where this browser keeps nothing on the device is there something to warn of.
  get mustWarn() {
    return !this.onDevice && this.boxes().some((box) => this.isDirty(box));
  }

  // Typing

  typed(box, { quietly = false } = {}) {
    const { prompt } = box.dataset;
    if (!prompt || this.waits === "retired") return;
    if (this.waits === "until edited") this.waits = "";
    unsay(phrases().allSaved);
    this.sayLeft(box);
    if (!this.isDirty(box) && !this.current) {
      this.isAsSaved(prompt);
      return;
    }
    this.keeping = this.keepDraft(box);
    if (this.isTooLong(box)) this.keeping.then((kept) => this.sayTooLong(prompt, kept));
    else if (!quietly) this.keeping.then((kept) => this.sayWhere(prompt, kept));
    this.schedule();
  }

  isTooLong(box) {
    return (bytesLeft(box.value) ?? 0) < 0;
  }

  sayTooLong(prompt, kept) {
    this.onDevice = kept;
    const box = this.box(prompt);
    if (!box || !this.isTooLong(box)) return;
    complain(this.form, prompt, kept ? phrases().tooLong : phrases().tooLongAndNoRoom);
  }

  // Typed and taken back: the server has these very words, so nothing waits.
  isAsSaved(prompt) {
    this.keeping = this.keeping.then(() => dropDraft({ ...this.place, prompt })).then(() => true);
    if (this.known.get(prompt)) say(this.form, prompt, phrases().allSaved);
    else say(this.form, prompt, "");
  }

  // From some size on how much more fits, for as long as it is so. An answer draws the states anew.
  sayLeft(box) {
    const bytes = bytesLeft(box.value);
    const thousands = bytes > 0 ? thousandsLeft(box.value) : 0;
    const words = thousands ? phrases().left.replace("{n}", thousands) : phrases().fewLeft;
    sayRoom(this.form, box.dataset.prompt, bytes === null || bytes < 0 ? "" : words);
  }

  sayAllLeft() {
    for (const box of this.boxes()) this.sayLeft(box);
  }

  keepDraft(box) {
    const { prompt } = box.dataset;
    return keepDraft(this.place, { prompt, text: asStored(box.value), version: this.version(prompt) });
  }

  sayWhere(prompt, kept) {
    this.onDevice = kept;
    const box = this.box(prompt);
    if (this.current || !box || !this.isDirty(box)) return;
    if (!kept) complain(this.form, prompt, phrases().noRoom);
    else say(this.form, prompt, phrases()[this.trouble || "kept"]);
  }

  // Below each box that an operation carries words for.
  sayOf(operation, where) {
    if (operation.leftBehind) return;
    for (const { prompt, text } of operation.boxes) {
      if (!text && !this.known.get(prompt)) continue;
      if (this.onDevice) say(this.form, prompt, where);
      else complain(this.form, prompt, phrases().noRoom);
    }
  }

  schedule() {
    if (!this.mayGo || this.tries) return;
    const now = Date.now();
    this.since ??= now;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.push(), Math.max(0, Math.min(PAUSE, this.since + LONGEST - now)));
  }

  // Saving

  // Save was pressed, or one of the choices: what a person asks for goes out at once.
  async submit(submitter) {
    this.asked.push(submitter?.name ? { [submitter.name]: submitter.value } : {});
    this.waits = "";
    this.tries = 0;
    this.aloud = true;
    for (const box of this.boxes()) if (this.isDirty(box)) this.keeping = this.keepDraft(box);
    if (submitter?.name === "keep") hold(this, submitter.value, true);
    await this.push();
  }

  // The next operation: first what another page began, since what is here came after it.
  next() {
    if (this.begun.length) return this.begun.shift();
    if (this.asked.length) return this.collect(this.asked.shift()) ?? this.nothingNew();
    return (this.mayGo ? this.collect() : null) ?? this.asides.shift() ?? null;
  }

  // Save was pressed and everything is.
  nothingNew() {
    if (this.aloud && !this.form.querySelector(".both")) announce(phrases().allSaved);
    this.aloud = false;
    return this.next();
  }

  // The words to send, or null where there are none. `asked` is what a button adds to them.
  collect(asked) {
    const boxes = this.boxes().filter((box) => this.isDue(box, asked));
    if (!boxes.length && !asked?.paper) return null;
    const extra = { ...asked };
    const newest = `newest-${asked?.keep?.split(":")[1]}`;
    if (this.field(newest)) extra[newest] = this.field(newest).value;
    return {
      op: newId(),
      extra,
      consent: this.field("consent")?.value ?? "",
      boxes: boxes.map((box) => {
        const { prompt } = box.dataset;
        return { prompt, text: asStored(box.value), version: this.version(prompt) };
      }),
    };
  }

  isDue(box, asked) {
    const { prompt } = box.dataset;
    if (asked?.keep?.endsWith(`:${prompt}`)) return true;
    if (this.isApart(prompt)) return false;
    if (asked?.paper) return false; // nothing but the mark; the words go by themselves
    // The first time all go: it is for the server to say that there is nothing yet.
    if (asked && this.field("consent")) return true;
    return this.isDirty(box) && (asked !== undefined || !this.isTooLong(box));
  }

  // One request at a time.
  async push() {
    clearTimeout(this.timer);
    if (this.busy) return;
    this.since = undefined;
    this.current ??= this.next();
    if (!this.current) return;
    this.busy = true;
    const operation = this.current;
    try {
      this.sayOf(operation, phrases().saving);
      const sending = operation.leftBehind ? null : keepSending(this.place, operation);
      const onDevice = Promise.all([this.keeping, sending]);
      await Promise.race([onDevice, new Promise((done) => setTimeout(done, DEVICE_PATIENCE))]);
      const go = () => send(this.form, operation);
      await this.settle(operation, await (operation.consent ? firstSaveAlone(go) : go()));
    } finally {
      this.busy = false;
    }
    if (this.tries) return;
    if (!this.waits && (this.current || this.begun.length || this.asked.length || this.asides.length)) this.push();
    else this.schedule();
  }

  async settle(operation, reply) {
    if (this.waits === "retired") return; // its record stays: the form that came asks again
    if (!reply || reply.status >= 500 || reply.status === 429 || !reply.isOurs) {
      if (isOverQuota(reply)) this.refusedForNow(operation, reply);
      else this.tryLater(operation, reply);
      return;
    }
    const wasInTrouble = this.trouble;
    this.tries = 0;
    this.trouble = "";
    this.current = null;
    dropSending(operation.key ? operation : this.place);
    const isRefused = reply.status !== 200 && reply.status !== 409;
    if (operation.leftBehind && this.place.reader) {
      if (!isRefused) await settleLeftBehind(this, operation, reply);
      return;
    }
    const drawn = new Map(this.boxes().map((box) => [box.dataset.prompt, box]));
    show(reply);
    this.sayAllLeft();
    if (operation.extra?.keep) hold(this, operation.extra.keep, false);
    if (isRefused) {
      this.waits = reply.status === 401 || reply.status === 403 ? "until asked" : "until edited";
      // Whoever sits here goes on with their own words; another reader's stay under their name.
      if (reply.status === 401 && !this.field("writer").value) await keepAsNobody(this);
      if (this.waits === "until asked" && this.onDevice) this.sayOf(operation, phrases().kept);
      return;
    }
    await meetReader(this, this.field("writer").value);
    await acknowledge(this, operation, drawn);
    lookAfterFocus(this, operation);
    const isCleared = operation.boxes.some(({ prompt }) => this.canUndo(prompt));
    if (reply.status === 409) announce(phrases().choose);
    else if (isCleared) announce(phrases().cleared);
    else if (this.aloud || wasInTrouble) announce(phrases().allSaved);
    this.aloud = false;
  }

  // A quota is used up: the server says why and what to do, and the words stay on the device.
  refusedForNow(operation, reply) {
    if (operation.leftBehind && this.place.reader) {
      // What another page left waits there for the next one; it must not hold up what is here.
      this.current = null;
      this.tries = 0;
      return;
    }
    show(reply);
    if (operation.boxes.some(({ prompt }) => this.isApart(prompt))) {
      // Words met others, and are kept here alone: a choice goes on from it, not another try.
      this.current = null;
      this.tries = 0;
      this.trouble = "";
      dropSending(operation.key ? operation : this.place);
      if (operation.extra?.keep) hold(this, operation.extra.keep, false);
      return;
    }
    this.tryLater(operation, reply, { isTold: true });
  }

  tryLater(operation, reply, { isTold = false } = {}) {
    this.current = operation;
    this.trouble = isTold ? "kept" : troubleWith(reply?.isOurs, reply?.status);
    if (operation.extra?.keep) hold(this, operation.extra.keep, false);
    if (!operation.leftBehind) {
      this.sayOf(operation, phrases()[this.trouble]);
      if (!isTold) announce(phrases()[this.trouble]);
    }
    const wait = Math.min(SLOWEST, Math.max((reply?.wait ?? 0) * 1000, 1000 * 2 ** this.tries));
    this.tries += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.push(), wait);
  }
}
