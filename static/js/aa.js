// Aa: theme, size, spacing and typeface, kept on this device and nowhere else (R5).
const KEY = "devotional:aa";
const root = document.documentElement;
const form = document.querySelector("#aa");

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) || "{}");
  } catch {
    return {};
  }
}

function show(chosen) {
  for (const radio of form.querySelectorAll("input")) {
    if (chosen[radio.name] === radio.value) radio.checked = true;
  }
}

function choose(name, value) {
  const chosen = { ...read(), [name]: value };
  root.dataset[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {
    // Not kept for next time, but true for this page.
  }
}

if (form) {
  show(read());
  form.addEventListener("change", (event) => choose(event.target.name, event.target.value));
  form.addEventListener("submit", (event) => event.preventDefault());
  // Another tab chose: follow it.
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    Object.assign(root.dataset, read());
    show(read());
  });
}
