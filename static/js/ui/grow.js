// Boxes grow with the words. Browsers that know `field-sizing` do it by themselves.
function grow(box) {
  const { scrollX, scrollY } = window;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
  // While it was low the page may have been too short to stay where it was.
  if (scrollY !== window.scrollY) scrollTo(scrollX, scrollY);
}

if (!CSS.supports("field-sizing", "content")) {
  const all = () => document.querySelectorAll("textarea.box").forEach(grow);
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      if (event.target.matches("textarea.box")) grow(event.target);
    });
  }
  document.addEventListener("htmx:afterSettle", all);
  // What changes the lines without a word: the window's width, Aa, a typeface that has arrived.
  let width = innerWidth;
  addEventListener("resize", () => {
    if (width === innerWidth) return;
    width = innerWidth;
    all();
  });
  new MutationObserver(all).observe(document.documentElement, {
    attributeFilter: ["data-size", "data-spacing", "data-face"],
  });
  document.fonts.addEventListener("loadingdone", all);
  all();
}

// On paper a box is one piece, which no page can part: what is in it is printed as text.
addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("textarea.box")) {
    if (!box.value.trim()) continue;
    const words = document.createElement("p");
    words.className = "printed own";
    words.dir = "auto";
    words.textContent = box.value;
    box.after(words);
  }
});
addEventListener("afterprint", () => {
  for (const words of document.querySelectorAll(".printed")) words.remove();
});
