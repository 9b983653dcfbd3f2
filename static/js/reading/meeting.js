// Meeting mode (T8): one question at a time, as large as it fits, and silences that end without an
// alarm. The address says which question it is, so that a reload, also without a network, stays
// there. Without this script all questions stand one below the other.
const slides = document.querySelector("[data-slides]");
const all = [...slides.children];
const silence = document.querySelector("[data-silence]");
const find = (name) => silence.querySelector(`[data-${name}]`);
const said = silence.querySelector("[role=status]");
const light = silence.querySelector("progress");

const TICK = 250; // ms
const SMALLEST = 1.5; // rem; what doesn't fit at this size is scrolled
const LARGEST = 10;
const STILL = 5_000; // ms without a movement, until only the question is shown

// Questions

function shown() {
  return all.find((slide) => !slide.hidden);
}

function addressed() {
  return all.find((slide) => `#${slide.id}` === location.hash);
}

function show(slide) {
  for (const each of all) each.hidden = each !== slide;
  slides.dataset.ready = "";
  fit();
}

function turn(step) {
  const next = all[all.indexOf(shown()) + step];
  // In place of the one before: the browser's Back leaves the meeting.
  if (next) location.replace(`#${next.id}`);
}

// The largest size at which neither the page is longer than the screen nor a word than its line.
function fit() {
  const root = document.documentElement;
  const words = shown().querySelector("h2");
  let [low, high] = [SMALLEST, LARGEST];
  words.style.overflowWrap = "normal"; // a word is broken only where the smallest size is too large
  while (high - low > 0.05) {
    const size = (low + high) / 2;
    words.style.fontSize = `${size}rem`;
    const fits = root.scrollHeight <= innerHeight && words.scrollWidth <= words.clientWidth;
    if (fits) low = size;
    else high = size;
  }
  words.style.fontSize = `${low}rem`;
  words.style.overflowWrap = "";
}

// Silence

let ends = 0; // ms since the epoch; 0 where there is none
let lasts = 0;
let ticking;
let sound; // made while a finger is on the button: browsers allow none later

function begin(button) {
  lasts = Number(button.dataset.minutes) * 60_000;
  ends = Date.now() + lasts;
  sound?.close();
  sound = find("tone").checked ? new AudioContext() : undefined;
  said.textContent = button.dataset.said;
  setSilent(true);
  find("end").focus();
  tick();
}

function tick() {
  const left = ends - Date.now();
  if (left <= 0) return complete();
  grow(1 - left / lasts);
  ticking = setTimeout(tick, Math.min(TICK, left));
}

function complete() {
  stop();
  grow(1);
  said.textContent = said.dataset.over;
  chime();
}

// The light stays until someone goes on.
function stop() {
  clearTimeout(ticking);
  ends = 0;
  setSilent(false);
  shown().querySelector("h2").focus({ preventScroll: true });
}

function breakOff() {
  if (ends) stop();
  said.textContent = "";
  grow(0);
}

function setSilent(silent) {
  document.body.classList.toggle("is-silent", silent);
  find("before").hidden = silent;
  find("during").hidden = !silent;
  fit();
}

function grow(part) {
  light.value = part;
  document.body.style.setProperty("--grown", part.toFixed(3));
}

// Two seconds of one low note that swells and fades.
function chime() {
  if (!sound) return;
  const note = sound.createOscillator();
  const loudness = sound.createGain();
  note.frequency.value = 396;
  loudness.gain.setValueAtTime(0.0001, sound.currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.15, sound.currentTime + 0.4);
  loudness.gain.exponentialRampToValueAtTime(0.0001, sound.currentTime + 2);
  note.connect(loudness).connect(sound.destination);
  note.start();
  note.stop(sound.currentTime + 2);
}

// The screen stays on, where the browser can do that; it lets go by itself when one looks away.
async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  await navigator.wakeLock?.request("screen").catch(() => {}); // refused: a low battery, say
}

// What leads elsewhere goes while nobody moves.
let still;

function wake() {
  document.body.classList.remove("is-idle");
  clearTimeout(still);
  still = setTimeout(() => document.body.classList.add("is-idle"), STILL);
}

for (const name of ["pointermove", "pointerdown", "keydown", "focusin"]) addEventListener(name, wake);

// Hands and keys

const KEYS = { ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1, " ": 1 };

addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.key === "Escape" && ends) return breakOff();
  // A button's own key, and what is typed into the sheet of Aa.
  const theirs = event.key === " " ? "input, a, button, [popover]" : "input, [popover]";
  if (!(event.key in KEYS) || event.target.closest(theirs)) return;
  event.preventDefault();
  const isMirrored = event.key.startsWith("Arrow") && slides.closest("[dir=rtl]");
  turn(isMirrored ? -KEYS[event.key] : KEYS[event.key]);
});

slides.addEventListener("click", (event) => {
  const link = event.target.closest("a[rel]");
  if (!link) return;
  event.preventDefault();
  turn(link.rel === "next" ? 1 : -1);
});

silence.addEventListener("click", ({ target }) => {
  if (target.dataset.minutes) begin(target);
  else if ("end" in target.dataset) breakOff();
});

addEventListener("hashchange", () => {
  const slide = addressed();
  if (!slide) return; // the link that skips the header
  breakOff();
  show(slide);
  slide.querySelector("h2").focus({ preventScroll: true });
});
addEventListener("resize", fit);
document.addEventListener("visibilitychange", stayAwake);

show(addressed() ?? all[0]);
document.fonts?.ready.then(fit);
wake();
stayAwake();
