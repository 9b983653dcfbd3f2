// Aa: theme, text size, line spacing and typeface, kept on this device and nowhere else (R5).
// A classic script that blocks on purpose: it puts the choices on the page before the first paint,
// so that nothing flashes.
{
  const KEY = "devotional:aa";
  const NAMES = ["theme", "size", "spacing", "face"];
  const root = document.documentElement;

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY) || "{}");
    } catch {
      return {}; // storage refused, or written by something else
    }
  };

  const apply = (chosen) => {
    for (const name of NAMES) if (typeof chosen[name] === "string") root.dataset[name] = chosen[name];
  };

  const choose = ({ name, value }) => {
    const chosen = { ...read(), [name]: value };
    apply(chosen);
    try {
      localStorage.setItem(KEY, JSON.stringify(chosen));
    } catch {
      // Not kept for next time, but true for this page.
    }
  };

  const tick = (form) => {
    const chosen = read();
    for (const radio of form.querySelectorAll("input")) {
      if (chosen[radio.name] === radio.value) radio.checked = true;
    }
  };

  root.dataset.script = "";
  apply(read());

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("#aa");
    if (!form) return;
    tick(form);
    form.addEventListener("change", (event) => choose(event.target));
    form.addEventListener("submit", (event) => event.preventDefault());
    // Another tab chose: follow it.
    addEventListener("storage", (event) => {
      if (event.key !== KEY) return;
      apply(read());
      tick(form);
    });
  });
}
