// A page that is meant for paper has a button for it; whoever has no script has the browser's menu.
document.querySelector("[data-print]")?.addEventListener("click", () => print());
