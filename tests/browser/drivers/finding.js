// Finds the first visible element by role and accessible name, as people do. With `scroll` it is
// brought into view first, and `isFree` says that it holds still there with nothing over it.
async ({ role, name, part, scroll }) => {
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
  const over = document.elementFromPoint(x, y);
  const isReached = over !== null && (element.contains(over) || [...(element.labels ?? [])].some((label) => label.contains(over)));
  return { value, x, y, isFree: isReached && before.x === x && before.y === y };
}
