// What can be done with an answer is folded behind three dots. Without a script they open and close
// by themselves; with one a tap elsewhere closes them too, and so does Escape.
const opened = () => document.querySelectorAll("details.dots[open]");

// Also where the focus goes elsewhere, by Tab.
for (const name of ["click", "focusin"]) {
  document.addEventListener(name, ({ target }) => {
    for (const menu of opened()) if (!menu.contains(target)) menu.open = false;
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of opened()) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});
