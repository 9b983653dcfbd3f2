// The offline page: why it is shown, where that is known, and its list: the pages that the service
// worker keeps on this device, by their titles.
const list = document.querySelector("[data-kept-pages]");
const heading = document.querySelector("h1[data-offline]");
const title = heading?.textContent;

// The page is also shown where the network is there and the site isn't.
function sayWhy() {
  if (heading) heading.textContent = navigator.onLine === false ? heading.dataset.offline : title;
}

sayWhy();
for (const name of ["online", "offline"]) addEventListener(name, sayWhy);

async function keptPages() {
  const pages = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith("devotional-")) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/read/")) pages.push(await described(cache, request, pathname));
    }
  }
  return pages;
}

async function described(cache, request, path) {
  const html = await (await cache.match(request)).text();
  const page = new DOMParser().parseFromString(html, "text/html");
  const title = page.querySelector("h1").textContent;
  const section = page.querySelector("[data-place]");
  if (!section) return { path, title, devotional: page.querySelector("[data-cover]").dataset.cover };
  const whole = page.querySelector(".opening cite");
  return {
    path,
    devotional: section.dataset.devotional,
    part: page.querySelector(".growing").value,
    // The opening bears the title of the whole: in a list its short name tells more.
    title: whole ? title : section.dataset.label,
    whole: whole?.textContent ?? title,
    minutes: page.querySelector(".part").textContent.split("·").at(-1).trim(),
  };
}

function make(tag, content, attributes = {}) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...content);
  return element;
}

function entry({ path, title, part, minutes }) {
  const link = make("a", [make("b", [title]), " ", make("span", [minutes])], { href: path });
  const item = make("li", [link]);
  item.style.counterSet = `part ${part}`;
  return item;
}

function show(pages) {
  for (const whole of new Set(pages.map(({ devotional }) => devotional))) {
    const each = pages.filter(({ devotional }) => devotional === whole);
    const cover = each.find(({ part }) => !part);
    const sections = each.filter(({ part }) => part).sort((one, other) => one.part - other.part);
    const title = cover ? make("a", [cover.title], { href: cover.path }) : sections[0].whole;
    list.append(make("h3", [title]));
    list.append(make("ol", sections.map(entry), { className: "contents" }));
  }
  list.hidden = pages.length === 0;
  document.querySelector("[data-nothing-kept]").hidden = pages.length > 0;
}

if (list && "caches" in globalThis) show(await keptPages());
