// Forms of the account: a passkey, a password that may be looked at.

// A passkey: made or asked for by the browser, and sent with the form around its button (K3).
// What stands in its place without a script, or in an old browser, is words on the other ways.
const form = document.querySelector("form[data-passkey]");

const makes = (options) => ({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
});
const asks = (options) => ({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
});

async function credential() {
  if (form.dataset.options) {
    return navigator.credentials.create(makes(JSON.parse(form.dataset.options)));
  }
  const reply = await fetch(form.action, { headers: { Accept: "application/json" } });
  const { request_options: options } = await reply.json();
  return navigator.credentials.get(asks(options.publicKey));
}

async function send(event) {
  event.preventDefault();
  const state = form.querySelector("[role=status]");
  state.textContent = "";
  try {
    form.elements.credential.value = JSON.stringify(await credential());
    form.submit();
  } catch (error) {
    const known = { InvalidStateError: "there", NotAllowedError: "stopped" };
    state.textContent = form.dataset[known[error.name] ?? "failed"];
  }
}

if (form && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  form.hidden = false;
  document.querySelector("[data-no-passkey]")?.remove();
  form.addEventListener("submit", send);
}

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
