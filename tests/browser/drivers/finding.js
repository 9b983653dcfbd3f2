// Finds the first visible element by role and accessible name, as people do. With `scroll` it is
// brought into view first, and `isFree` says that it holds still there with nothing over it.
// With `aim` the next click is let through to it alone: what moves away at the last moment is
// missed, and `isMissed` says so.
async ({ role, name, part, scroll, aim }) => {
  const ROLES = {
    box: "textarea, input:not([type=radio], [type=checkbox], [type=hidden], [type=submit])",
    button: "button, [role=button], input[type=submit]",
    heading: "h1, h2, h3, h4, h5, h6",
    link: "a[href]",
    radio: "input[type=radio]",
  };
  const normal = (text) => text.replace(/\s+/g, " ").trim();
  const nameOf = (element) => {
    const said = element.getAttribute("aria-label");
    if (said) return normal(said);
    const labels = [...(element.labels ?? [])];
    return normal((labels.length ? labels : [element]).map(({ textContent }) => textContent).join(" "));
  };
  const isVisible = (element) =>
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) &&
    element.getBoundingClientRect().width > 0;
  const fits = (found) => (part ? found.includes(name) : found === name);
  const find = () =>
    [...document.querySelectorAll(ROLES[role])].find((element) => fits(nameOf(element)) && isVisible(element));

  const element = find();
  if (!element) return null;
  const value = element.value ?? null;
  if (!scroll) return { value };
  element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const middle = () => {
    const [{ left, top, width, height }] = element.getClientRects();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const before = middle();
  await new Promise((done) => setTimeout(done, 50));
  if (find() !== element) return null;
  const { x, y } = middle();
  const isOfIt = (node) => element.contains(node) || [...(element.labels ?? [])].some((label) => label.contains(node));
  const isFree = isOfIt(document.elementFromPoint(x, y)) && before.x === x && before.y === y;
  if (isFree && aim) {
    window.aimed?.abort();
    const aimed = (window.aimed = new AbortController());
    window.isMissed = false;
    const guard = (event) => {
      if (event.type === "click") aimed.abort();
      if (isOfIt(event.target)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      window.isMissed = true;
    };
    for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"]) {
      addEventListener(type, guard, { capture: true, signal: aimed.signal });
    }
  }
  return { value, x, y, isFree };
}
