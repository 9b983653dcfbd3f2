// Boxes grow with the words. Browsers that know `field-sizing` do it by themselves.
function grow(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

if (!CSS.supports("field-sizing", "content")) {
  const all = () => document.querySelectorAll("textarea.box").forEach(grow);
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      if (event.target.matches("textarea.box")) grow(event.target);
    });
  }
  document.addEventListener("htmx:afterSettle", all);
  all();
}
