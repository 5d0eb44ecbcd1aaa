// Saves and resets selections through the GraphQL API, then updates the page from the server's rendering of it. Only
// sessions with write access load this script; until it has run, all controls are disabled.

const UPDATE = `mutation ($input: AiFeatureSettingUpdateInput!) {
  payload: aiFeatureSettingUpdate(input: $input) { errors }
}`;
const DELETE = `mutation ($input: AiFeatureSettingDeleteInput!) {
  payload: aiFeatureSettingDelete(input: $input) { errors }
}`;
const REQUEST_TIMEOUT_MS = 30_000;

const apiPath = metaContent(document, "api");
const signInPath = metaContent(document, "sign-in");
let csrfToken = metaContent(document, "csrf-token");

/** An error with messages for the user. */
class UserError extends Error {
  constructor(messages, sessionExpired = false) {
    super(messages.join(" "));
    this.messages = messages;
    this.sessionExpired = sessionExpired;
  }
}

function metaContent(page, name) {
  return page.querySelector(`meta[name="${name}"]`).content;
}

// Forms

function featureForms() {
  return [...document.querySelectorAll("form[data-feature]")];
}

function modelOptions(form) {
  return [...form.querySelectorAll(".option")].map((option) => ({
    checkbox: option.querySelector("input[type=checkbox]"),
    radio: option.querySelector("input[type=radio]"),
  }));
}

function hasUnsavedChanges(form) {
  return modelOptions(form).some(
    ({ checkbox, radio }) => checkbox.checked !== checkbox.defaultChecked || radio.checked !== radio.defaultChecked,
  );
}

/** Let only allowed models be the default, and show whether there are unsaved changes. */
function updateControls(form) {
  for (const { checkbox, radio } of modelOptions(form)) {
    radio.disabled = !checkbox.checked || "unavailable" in radio.dataset;
    if (!checkbox.checked) radio.checked = false;
  }
  const unsaved = hasUnsavedChanges(form);
  form.closest("details").querySelector(".unsaved").hidden = !unsaved;
  form.querySelector("button[type=reset]").hidden = !unsaved;
}

function enableForm(form) {
  form.querySelector("fieldset").disabled = false;
  form.querySelector(".actions").hidden = false;
  updateControls(form);
}

/** Make the form of a feature that the page no longer lists read-only. */
function disableForm(form) {
  form.querySelector("fieldset").disabled = true;
  form.querySelector(".actions").hidden = true;
  form.closest("details").querySelector("summary").focus();
}

// Status messages

function showStatus(form, kind, messages, link) {
  const status = form.querySelector(".status");
  const content = messages.length > 1 ? listElement(messages) : document.createElement("p");
  if (messages.length === 1) content.textContent = messages[0];
  if (link) content.append(" ", link);
  status.className = `status ${kind}`;
  status.replaceChildren(content);
}

function listElement(messages) {
  const list = document.createElement("ul");
  for (const message of messages) {
    const item = document.createElement("li");
    item.textContent = message;
    list.append(item);
  }
  return list;
}

function signInLink() {
  const link = document.createElement("a");
  link.href = signInPath;
  link.target = "_blank";
  link.textContent = "Sign in (opens a new tab)";
  return link;
}

function httpErrorMessage(status) {
  if (status === 404) return "Model selection is turned off on this instance. Nothing was changed.";
  if (status === 401 || status === 403) return "This session cannot make changes. Reload the page for details.";
  if (status === 503) return "The database is busy or unavailable. Your changes are not lost: try again in a moment.";
  return `The server returned an error (${status}). Reload the page to see the current state.`;
}

// Requests

async function request(path, options) {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  try {
    return await fetch(path, { ...options, credentials: "same-origin", signal });
  } catch {
    throw new UserError(["The server cannot be reached. Your changes are not lost: try again in a moment."]);
  }
}

async function postGraphQL(query, input) {
  const response = await request(apiPath, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const result = await response.json().catch(() => ({}));
  const messages = response.ok ? (result.errors ?? []).map((error) => error.message) : [];
  return {
    status: response.status,
    errors: result.data?.payload?.errors,
    messages: messages.length ? messages : [httpErrorMessage(response.status)],
  };
}

/** Fetch the page with one feature. If the user signed in again in another tab, this picks up the new CSRF token. */
async function fetchPage(feature) {
  const path = `${location.pathname}?${new URLSearchParams({ feature })}`;
  const response = await request(path, { headers: { Accept: "text/html" } });
  if (response.redirected && new URL(response.url).pathname === signInPath) {
    throw new UserError(["Your session has expired. Your changes are not lost: sign in, then save again."], true);
  }
  if (!response.ok) throw new UserError([httpErrorMessage(response.status)]);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  csrfToken = metaContent(page, "csrf-token");
  return page;
}

/** Fetch the page after a successful mutation; an error here must not hide the success. */
async function fetchPageAfterMutation(successMessage, feature) {
  try {
    return await fetchPage(feature);
  } catch {
    throw new UserError([`${successMessage} The page could not be updated: reload it to see the current state.`]);
  }
}

/** Run a mutation and return its errors; none on success. */
async function mutate(query, input) {
  let result = await postGraphQL(query, input);
  if (!result.errors) {
    await fetchPage(input.feature); // throws a better message if the session expired or the feature flag is off
    if (result.status === 403) result = await postGraphQL(query, input); // with the new CSRF token
  }
  if (!result.errors) throw new UserError(result.messages);
  return result.errors;
}

// Updates

/**
 * Replace the server-rendered parts of the feature and of the page as a whole; forms of other features are untouched.
 * Return whether the page still lists the feature.
 */
function updatePage(form, page) {
  const feature = form.dataset.feature;
  const newParts = new Map([...page.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  for (const part of document.querySelectorAll("[data-part]")) {
    const [, owner] = part.dataset.part.split(/:(.*)/s);
    const newPart = newParts.get(part.dataset.part);
    if (newPart && (owner === undefined || owner === feature)) part.replaceWith(document.adoptNode(newPart));
  }
  const isListed = newParts.has(`options:${feature}`);
  if (isListed) enableForm(form);
  else disableForm(form);
  return isListed;
}

async function submit(form, query, input, successMessage) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  showStatus(form, "", ["Saving…"]);
  try {
    const errors = await mutate(query, input);
    if (errors.length) throw new UserError(errors);
    const isListed = updatePage(form, await fetchPageAfterMutation(successMessage, input.feature));
    if (document.activeElement === document.body) form.querySelector("button[type=submit]").focus();
    const message = isListed ? successMessage : "Reset. No model serves this feature, so it will no longer be listed.";
    showStatus(form, "success", [message]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    showStatus(form, "error", error.messages, error.sessionExpired ? signInLink() : undefined);
  } finally {
    delete form.dataset.busy;
    for (const button of buttons) button.removeAttribute("aria-disabled");
  }
}

function save(form) {
  const allowed = modelOptions(form).filter(({ checkbox }) => checkbox.checked);
  const selectedDefault = allowed.find(({ radio }) => radio.checked);
  if (!allowed.length) {
    showStatus(form, "error", ["Allow at least one model and select a default."]);
    form.querySelector("input[type=checkbox]").focus();
  } else if (!selectedDefault) {
    showStatus(form, "error", ["Select one of the allowed models as the default."]);
    allowed[0].radio.focus();
  } else {
    const input = {
      feature: form.dataset.feature,
      models: allowed.map(({ checkbox }) => checkbox.value),
      defaultModel: selectedDefault.radio.value,
    };
    submit(form, UPDATE, input, "Saved.");
  }
}

// Events

function formOf(event) {
  return event.target.closest("form[data-feature]");
}

document.addEventListener("change", (event) => formOf(event) && updateControls(formOf(event)));
document.addEventListener("reset", (event) => {
  const form = formOf(event);
  if (!form) return;
  setTimeout(() => {
    updateControls(form);
    form.querySelector("button[type=submit]").focus();
    showStatus(form, "", ["Changes discarded."]);
  });
});
document.addEventListener("submit", (event) => {
  const form = formOf(event);
  if (!form) return;
  event.preventDefault();
  save(form);
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-reset]")) return;
  const form = formOf(event);
  submit(form, DELETE, { feature: form.dataset.feature }, "Reset. The roster default applies.");
});
addEventListener("beforeunload", (event) => {
  if (featureForms().some(hasUnsavedChanges)) event.preventDefault();
});

document.addEventListener("form-loaded", (event) => enableForm(event.target));
featureForms().forEach(enableForm);
