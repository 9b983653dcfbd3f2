// A password that may be looked at while it is typed (K3).
for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  // Sent as a password, so that the browser offers to keep it as one.
  field.form.addEventListener("submit", () => (field.type = "password"));
}
