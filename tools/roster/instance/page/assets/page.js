// Saves and resets choices over the GraphQL API, and shows each result as the server renders it. Only sessions that may
// write load this; until it has run, every control is disabled.

const UPDATE = `mutation ($input: AiFeatureSettingUpdateInput!) {
  answer: aiFeatureSettingUpdate(input: $input) { errors }
}`;
const DELETE = `mutation ($input: AiFeatureSettingDeleteInput!) {
  answer: aiFeatureSettingDelete(input: $input) { errors }
}`;
const PATIENCE = 30_000; // milliseconds

const api = metaOf(document, "api");
const signIn = metaOf(document, "sign-in");
let csrfToken = metaOf(document, "csrf-token");

/** What went wrong, in sentences for people. */
class Problem extends Error {
  constructor(sentences, signedOut = false) {
    super(sentences.join(" "));
    this.sentences = sentences;
    this.signedOut = signedOut;
  }
}

function metaOf(page, name) {
  return page.querySelector(`meta[name="${name}"]`).content;
}

function forms() {
  return [...document.querySelectorAll("form[data-feature]")];
}

// What is in a form

function pairs(form) {
  return [...form.querySelectorAll(".choice")].map((choice) => ({
    allowed: choice.querySelector("input[type=checkbox]"),
    standard: choice.querySelector("input[type=radio]"),
  }));
}

function isChanged(form) {
  return pairs(form).some(
    ({ allowed, standard }) =>
      allowed.checked !== allowed.defaultChecked || standard.checked !== standard.defaultChecked,
  );
}

/** Let only allowed models be the default, and show whether anything is unsaved. */
function settle(form) {
  for (const { allowed, standard } of pairs(form)) {
    standard.disabled = !allowed.checked || "never" in standard.dataset;
    if (!allowed.checked) standard.checked = false;
  }
  const changed = isChanged(form);
  form.closest("details").querySelector(".unsaved").hidden = !changed;
  form.querySelector("button[type=reset]").hidden = !changed;
}

function enable(form) {
  form.querySelector("fieldset").disabled = false;
  form.querySelector(".actions").hidden = false;
  settle(form);
}

// What the person is told

function tell(form, kind, sentences, link) {
  const place = form.querySelector(".outcome");
  const told = sentences.length > 1 ? listOf(sentences) : document.createElement("p");
  if (sentences.length === 1) told.textContent = sentences[0];
  if (link) told.append(" ", link);
  place.className = `outcome ${kind}`;
  place.replaceChildren(told);
}

function listOf(sentences) {
  const list = document.createElement("ul");
  for (const sentence of sentences) {
    const item = document.createElement("li");
    item.textContent = sentence;
    list.append(item);
  }
  return list;
}

function signInLink() {
  const link = document.createElement("a");
  link.href = signIn;
  link.target = "_blank";
  link.textContent = "Sign in in a new tab";
  return link;
}

// What the server is asked

async function request(address, options) {
  try {
    return await fetch(address, { ...options, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Problem(["The server cannot be reached. Your changes are still here: try again in a moment."]);
  }
}

async function send(query, input) {
  return request(api, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken },
    body: JSON.stringify({ query, variables: { input } }),
  });
}

/** Return the page as it is now, with one feature; signed in anew in another tab, its new token counts from here on. */
async function freshPage(feature) {
  const address = `${location.pathname}?${new URLSearchParams({ feature })}`;
  const response = await request(address, { headers: { Accept: "text/html" } });
  if (response.redirected && new URL(response.url).pathname === signIn) {
    throw new Problem(["You are not signed in any more. Your changes are still here: sign in, then save again."], true);
  }
  if (!response.ok) throw new Problem([refusal(response.status)]);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  csrfToken = metaOf(page, "csrf-token");
  return page;
}

/** Return the page after a change that was made, whatever becomes of the page. */
async function pageAfter(done, feature) {
  try {
    return await freshPage(feature);
  } catch {
    throw new Problem([`${done} What holds now could not be loaded: reload the page to see it.`]);
  }
}

function refusal(status) {
  if (status === 404) return "Model selection is switched off on this instance. Nothing was changed.";
  if (status === 401 || status === 403) return "This session may not change anything. Reload the page to see why.";
  return `The server answered with an error (${status}). Reload the page to see what holds now.`;
}

/** Return what a mutation says is wrong: nothing when it was done. */
async function mutate(query, input) {
  let answer = await ask(query, input);
  if (!answer.errors) {
    const before = csrfToken;
    await freshPage(input.feature); // which says it better where nobody is signed in, or the feature is off
    if (csrfToken !== before) answer = await ask(query, input);
  }
  if (!answer.errors) throw new Problem(answer.told);
  return answer.errors;
}

async function ask(query, input) {
  const response = await send(query, input);
  const answer = await response.json().catch(() => ({}));
  const told = response.ok ? (answer.errors ?? []).map((error) => error.message) : [];
  return { errors: answer.data?.answer?.errors, told: told.length ? told : [refusal(response.status)] };
}

// What is shown anew

/**
 * Replace what the server renders of a feature and of the page as a whole; forms of other features stay as they are.
 * Return whether the feature is still on the page.
 */
function showAnew(form, page) {
  const feature = form.dataset.feature;
  const fresh = new Map([...page.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  for (const old of document.querySelectorAll("[data-part]")) {
    const [, owner] = old.dataset.part.split(/:(.*)/s);
    const next = fresh.get(old.dataset.part);
    if (next && (owner === undefined || owner === feature)) old.replaceWith(document.adoptNode(next));
  }
  const stays = fresh.has(`choices:${feature}`);
  if (stays) enable(form);
  else retire(form);
  return stays;
}

/** Leave the form of a feature that the page no longer has to be read once more. */
function retire(form) {
  form.querySelector("fieldset").disabled = true;
  form.querySelector(".actions").hidden = true;
  form.closest("details").querySelector("summary").focus();
}

async function change(form, query, input, done) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  tell(form, "", ["Saving…"]);
  try {
    const errors = await mutate(query, input);
    if (errors.length) throw new Problem(errors);
    const stays = showAnew(form, await pageAfter(done, input.feature));
    if (document.activeElement === document.body) form.querySelector("button[type=submit]").focus();
    tell(form, "done", [stays ? done : "Reset. As no model serves this feature, it leaves this page."]);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(form, "wrong", problem.sentences, problem.signedOut ? signInLink() : undefined);
  } finally {
    delete form.dataset.busy;
    for (const button of buttons) button.removeAttribute("aria-disabled");
  }
}

function save(form) {
  const models = pairs(form).filter(({ allowed }) => allowed.checked);
  const standard = models.find((model) => model.standard.checked);
  if (!models.length) {
    tell(form, "wrong", ["Allow at least one model, and name one as the default."]);
    form.querySelector("input[type=checkbox]").focus();
  } else if (!standard) {
    tell(form, "wrong", ["Name one of the allowed models as the default."]);
    models[0].standard.focus();
  } else {
    const input = {
      feature: form.dataset.feature,
      models: models.map(({ allowed }) => allowed.value),
      defaultModel: standard.standard.value,
    };
    change(form, UPDATE, input, "Saved.");
  }
}

function formOf(event) {
  return event.target.closest("form[data-feature]");
}

document.addEventListener("change", (event) => formOf(event) && settle(formOf(event)));
document.addEventListener("reset", (event) => {
  const form = formOf(event);
  if (!form) return;
  setTimeout(() => {
    settle(form);
    form.querySelector("button[type=submit]").focus();
    tell(form, "", ["Changes discarded."]);
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
  change(form, DELETE, { feature: form.dataset.feature }, "Reset: the roster's default counts again.");
});
addEventListener("beforeunload", (event) => {
  if (forms().some(isChanged)) event.preventDefault();
});

function reveal() {
  const place = document.querySelector(":target");
  const details = place?.closest("details");
  if (!details || details.open) return;
  details.open = true;
  place.scrollIntoView();
}

addEventListener("hashchange", reveal);
forms().forEach(enable);
reveal();
