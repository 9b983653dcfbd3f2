// Keeps the words of one form safe: a draft on the device first, then a save about a second after the
// last key and at least every five, one at a time, again and again until the server has them (W4, W5).
// The form stays the form: without this file htmx sends it, and without htmx the browser does.
import { askBeforeGoing, askNoMore, askUnder } from "./consent.js";
import { dropUnanswered, keepUnanswered } from "./drafts.js";
import { parsed, show } from "./form.js";
import { unansweredAt } from "./owner.js";
import { Queue } from "./queue.js";
import { firstSaveAlone, send, sendOnLeaving, troubleWith } from "./sender.js";
import { announce, complain, phrases, say, unsay } from "./status.js";
import { isTooLong } from "./text.js";
import { Words } from "./words.js";

const PAUSE = 1_000; // milliseconds after the last key
const LONGEST = 5_000; // milliseconds that words wait while someone types on
const SLOWEST = 60_000; // milliseconds between two tries
const DEVICE_PATIENCE = 1_000; // milliseconds: a stuck storage must not hold back a save
const CONSENT_HOLDS = 600_000; // milliseconds: what was agreed to longer ago is asked for again

export class Autosave {
  #form;
  #words;
  #queue;
  #operation = null; // what is sent, until it has an answer
  #isSending = false;
  #round = Promise.resolve(); // the request that is under way, with what comes of it
  #attempts = 0; // since the last answer
  #trouble = ""; // the phrase for why there was none
  #blockedUntil = ""; // "edited", "asked" or "never"
  #isAsked = false; // whether someone pressed a button and is to be told
  #dirtySince = undefined; // when the oldest unsaved key was pressed
  #timer = undefined;

  constructor(form, place) {
    this.#form = form;
    this.#words = new Words(form, place);
    this.#queue = new Queue(form, this.#words);
  }

  get form() {
    return this.#form;
  }

  get place() {
    return this.#words.place;
  }

  // Made from what is known, so that it can't disagree with it.
  get state() {
    if (this.#blockedUntil === "never") return "retired"; // another form is here
    if (this.#isSending) return "saving"; // a request is on its way, the only one
    if (this.#attempts) return "retrying"; // it had no answer: it goes out again, ever later
    if (this.#blockedUntil) return "blocked"; // refused: until someone edits, or presses a button
    return this.#words.dirtyBoxes.length ? "dirty" : "idle"; // dirty words go out in a moment
  }

  // Only where this browser keeps nothing on the device is there something to warn of.
  get mustWarn() {
    return !this.#words.isOnDevice && this.#words.dirtyBoxes.length > 0;
  }

  // Before someone agreed nothing leaves the device; after a 401 they are asked once more (W3, W7).
  get #maySave() {
    return Boolean(this.place.reader) && !this.#form.isLocal && !this.#form.asksForConsent && !this.#blockedUntil;
  }

  // Coming and going

  // `ready` resolves when the device's drafts are sorted out for this reader.
  async begin(ready) {
    this.#form.element.addEventListener("input", (event) => this.#typed(event.target));
    await ready;
    await this.takeUp();
  }

  // Puts what the device has for this form into it, and sends what may go.
  async takeUp() {
    for (const save of await unansweredAt(this.place)) await this.#takeUpSave(save);
    const { putBack, older } = await this.#words.takeUp();
    if (this.state === "retired") return;
    if (this.#maySave) for (const draft of older) this.#queue.addOlder(draft);
    for (const [prompt, at] of putBack) say(this.#form.state(prompt), phrases.putBack, at);
    this.#form.sayRoom();
    for (const box of this.#words.dirtyBoxes) this.#typed(box, { isQuiet: putBack.has(box.dataset.prompt) });
    this.wake();
  }

  async #takeUpSave(save) {
    const isAgreed = save.consent && Date.now() - save.at <= CONSENT_HOLDS;
    if (this.place.reader || isAgreed) this.#queue.repeat(save);
    else await dropUnanswered(save);
  }

  // Another form was here a moment ago.
  takeOver(old) {
    old.retire();
    // Whoever came back in place hears that the save that waited went through.
    this.#isAsked = this.#words.takeOver(old.#words);
  }

  // Another form is here; what has no answer yet, it asks for anew.
  retire() {
    clearTimeout(this.#timer);
    this.#blockedUntil = "never";
  }

  // The page is seen again, or the network is back.
  wake() {
    if (this.#attempts || this.#operation || this.#queue.hasLeftBehind) this.#push();
  }

  // The page is being left: what waits goes out at once, with a request that may outlive it.
  leave() {
    if (this.#form.isLocal || this.#blockedUntil) return;
    const operation = this.#operation ?? (this.#maySave ? this.#queue.collect() : null);
    if (!operation || operation.isLeftBehind) return;
    this.#operation = operation;
    keepUnanswered(this.place, operation);
    sendOnLeaving(this.#form, operation);
  }

  // Typing

  #typed(box, { isQuiet = false } = {}) {
    const { prompt } = box.dataset;
    if (!prompt || this.state === "retired") return;
    if (this.#blockedUntil === "edited") this.#blockedUntil = "";
    unsay(phrases.allSaved);
    this.#form.sayRoom([box]);
    this.#askForConsent(box, isQuiet);
    if (!this.#words.isDirty(box) && !this.#operation) return this.#takenBack(box);
    this.#words.keep(box).then((isKept) => this.#sayKept(prompt, isKept, isQuiet));
    this.#schedule();
  }

  #askForConsent(box, isQuiet) {
    if (!this.#form.asksForConsent) return;
    const asked = this.#words.isDirty(box) ? box : this.#words.dirtyBoxes[0];
    if (asked) askUnder(this.#form.element, asked, { isSeen: !isQuiet });
    else askNoMore(this.#form.element);
  }

  // The server has these very words, so nothing waits.
  #takenBack(box) {
    const { prompt } = box.dataset;
    this.#words.drop(box);
    say(this.#form.state(prompt), this.#words.stored(prompt) ? phrases.allSaved : "");
  }

  #sayKept(prompt, isKept, isQuiet) {
    const box = this.#form.box(prompt);
    const state = this.#form.state(prompt);
    if (!box) return;
    if (isTooLong(box.value)) complain(state, isKept ? phrases.tooLong : phrases.tooLongAndNoRoom);
    else if (isQuiet || this.#operation || !this.#words.isDirty(box)) return;
    else if (isKept) say(state, phrases[this.#trouble || this.#kept]);
    else complain(state, phrases.noRoom);
  }

  // By which phrase it is said that words are on this device.
  get #kept() {
    return this.#form.asksForConsent || !this.place.reader ? "onlyHere" : "kept";
  }

  // Below each box that an operation carries words for.
  #sayOf(operation, words) {
    if (operation.isLeftBehind) return;
    for (const { prompt, text } of operation.boxes) {
      if (!text && !this.#words.stored(prompt)) continue;
      if (this.#words.isOnDevice) say(this.#form.state(prompt), words);
      else complain(this.#form.state(prompt), phrases.noRoom);
    }
  }

  #schedule() {
    if (!this.#maySave || this.#attempts) return;
    this.#dirtySince ??= Date.now();
    const latest = this.#dirtySince + LONGEST - Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#push(), Math.max(0, Math.min(PAUSE, latest)));
  }

  // Saving

  // Someone goes on to another page. Resolves to whether nothing of theirs waits to be saved.
  async finish(address) {
    if (this.state === "idle" || this.#form.isLocal) return true;
    if (this.#form.asksForConsent) {
      askBeforeGoing(this.#form.element, address);
      return false;
    }
    this.submit();
    return this.settled();
  }

  // Resolves when no request is under way, to whether the server has all words.
  async settled() {
    while (this.#isSending) await this.#round;
    return this.state === "idle";
  }

  // Save was pressed, or one of the choices: what a person asks for goes out at once.
  submit(submitter) {
    const asked = submitter?.name ? { [submitter.name]: submitter.value } : {};
    this.#queue.ask(asked);
    this.#blockedUntil = "";
    this.#form.offerSave(false);
    this.#attempts = 0;
    this.#isAsked = true;
    for (const box of this.#words.dirtyBoxes) this.#words.keep(box);
    if (asked.keep) this.#form.hold(asked.keep, true);
    this.#push();
  }

  // Sends what waits, one request at a time.
  async #push() {
    clearTimeout(this.#timer);
    if (this.#isSending || this.state === "retired") return;
    this.#dirtySince = undefined;
    this.#operation ??= this.#queue.next(this.#maySave);
    if (!this.#operation) {
      if (this.#isAsked && !this.#form.hasTwoTexts) announce(phrases.allSaved);
      this.#isAsked = false;
      return;
    }
    this.#round = this.#sendAndSettle(this.#operation);
    await this.#round;
    if (this.state === "retrying" || this.state === "retired") return;
    if ((this.#operation || this.#queue.hasMore) && !this.#blockedUntil) this.#push();
    else this.#schedule();
  }

  async #sendAndSettle(operation) {
    this.#isSending = true;
    try {
      await this.#settle(operation, await this.#send(operation));
    } finally {
      this.#isSending = false;
    }
  }

  async #send(operation) {
    this.#sayOf(operation, phrases.saving);
    const keeping = operation.isLeftBehind ? null : keepUnanswered(this.place, operation);
    const patience = new Promise((done) => setTimeout(done, DEVICE_PATIENCE));
    await Promise.race([Promise.all([this.#words.kept, keeping]), patience]);
    const go = () => send(this.#form, operation);
    return operation.consent ? firstSaveAlone(go) : go();
  }

  async #settle(operation, reply) {
    if (this.state === "retired") return; // its record stays: the form that came asks again
    if (reply.outcome === "failed") return this.#retryLater(operation, reply);
    if (reply.outcome === "full") return this.#refusedForNow(operation, reply);
    const wasInTrouble = this.#trouble !== "";
    this.#attempts = 0;
    this.#trouble = "";
    this.#forget(operation);
    const isAnswered = reply.outcome === "answered";
    if (operation.isLeftBehind && this.place.reader) {
      if (isAnswered) this.#goOnWith(await this.#words.settleLeftBehind(operation, parsed(reply.html)));
      return;
    }
    const drawn = new Map(this.#form.boxes.map((box) => [box.dataset.prompt, box]));
    this.#show(reply);
    this.#form.sayRoom();
    if (operation.extra?.keep) this.#form.hold(operation.extra.keep, false);
    if (!isAnswered) return this.#refused(operation, reply);
    this.#words.rememberReader();
    const { goingOn, altered } = await this.#words.acknowledge(operation, drawn);
    await this.#words.meetReader();
    import("./outbox.js").catch(() => {}); // by the next save, where the network is gone already
    for (const prompt of altered) complain(this.#form.state(prompt), phrases.failing);
    this.#goOnWith(goingOn);
    this.#announce(operation, reply, wasInTrouble);
  }

  // An answer may ask for consent again: under the box that it is about.
  #show(reply) {
    show(reply);
    for (const box of this.#words.dirtyBoxes) this.#askForConsent(box, true);
  }

  #forget(operation) {
    this.#operation = null;
    dropUnanswered(operation.key ? operation : this.place);
  }

  async #refused(operation, { status }) {
    this.#blockedUntil = status === 401 || status === 403 ? "asked" : "edited";
    this.#form.offerSave(this.#blockedUntil === "asked");
    // Whoever sits here goes on with their own words; another reader's stay under their name.
    if (status === 401 && !this.#form.writer) await this.#words.leaveToNobody();
    if (this.#blockedUntil === "asked" && this.#words.isOnDevice) this.#sayOf(operation, phrases[this.#kept]);
  }

  // Boxes in which someone typed while their words were saved.
  #goOnWith(boxes) {
    for (const box of boxes) this.#typed(box, { isQuiet: true });
  }

  #announce(operation, { status }, wasInTrouble) {
    if (this.#isAsked) this.#form.focusAfter(operation.extra);
    const isCleared = operation.boxes.some(({ prompt }) => this.#form.canUndo(prompt));
    if (status === 409) announce(phrases.choose);
    else if (isCleared) announce(phrases.cleared);
    else if (this.#isAsked || wasInTrouble) announce(phrases.allSaved);
    this.#isAsked = false;
  }

  // A quota is used up: the server says why and what to do, and the words stay on the device.
  #refusedForNow(operation, reply) {
    if (operation.isLeftBehind && this.place.reader) {
      // What another page left waits there for the next one; it must not hold up what is here.
      this.#operation = null;
      this.#attempts = 0;
      return;
    }
    this.#show(reply);
    if (operation.boxes.some(({ prompt }) => this.#form.isApart(prompt))) {
      // Words met others, and are kept here alone: a choice goes on from it, not another try.
      this.#attempts = 0;
      this.#trouble = "";
      this.#forget(operation);
      if (operation.extra?.keep) this.#form.hold(operation.extra.keep, false);
      return;
    }
    this.#retryLater(operation, reply, { isSaid: true });
  }

  #retryLater(operation, reply, { isSaid = false } = {}) {
    this.#trouble = isSaid ? this.#kept : troubleWith(reply.isOurs, reply.status);
    if (operation.extra?.keep) this.#form.hold(operation.extra.keep, false);
    if (!operation.isLeftBehind) {
      this.#sayOf(operation, phrases[this.#trouble]);
      if (!isSaid) announce(phrases[this.#trouble]);
    }
    const wait = Math.min(SLOWEST, Math.max(reply.wait * 1000, 1000 * 2 ** this.#attempts));
    this.#attempts += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#push(), wait);
  }
}
