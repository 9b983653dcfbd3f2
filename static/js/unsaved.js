// Says plainly when a save did not reach the server. The words stay in their box.
const say = (text) => {
  const notice = document.querySelector("#notice");
  if (notice) notice.textContent = text;
};

document.addEventListener("htmx:sendError", (event) => {
  if (event.target.matches("form.reflection")) say(document.body.dataset.noNetwork || "Not saved yet: no network. Your words are still here.");
});
document.addEventListener("htmx:responseError", (event) => {
  if (event.target.matches("form.reflection") && event.detail.xhr.status >= 500) {
    say("Not saved yet: the server could not keep it. Your words are still here; try again in a minute.");
  }
});
