// Settles what needs attention: proposes the change of an action as an unsaved change, or hides an entry.

import { graphql, signInLink, UserError } from "./api.js";
import * as pending from "./pending.js";
import { refresh } from "./refresh.js";
import { button, clearStatus, element, name, sentence, showStatus } from "./status.js";
import { announce } from "./unsaved_bar.js";

const ENTRIES = `query {
  attention: aiModelSelectionAttention {
    nodes { key feature title actions { label change { mode models defaultModel version } } }
  }
}`;
const HIDE = `mutation ($input: AiModelSelectionAttentionHideInput!) {
  payload: aiModelSelectionAttentionHide(input: $input) { errors }
}`;
const SHOW = `mutation ($input: AiModelSelectionAttentionShowInput!) {
  payload: aiModelSelectionAttentionShow(input: $input) { errors }
}`;

const status = document.getElementById("attention-status");
let isBusy = false;

function entryOf(control) {
  const { entry: key, of: feature } = control.closest("[data-entry]").dataset;
  return { key, feature };
}

/** The server replaced the entries, so a control that had the focus may be gone. */
function keepFocus() {
  if (document.activeElement === document.body) document.getElementById("attention")?.focus();
}

/** Return the entry with the current version of its actions, or nothing if it no longer applies. */
async function currentEntry(key) {
  const { attention } = await graphql(ENTRIES);
  return attention.nodes.find((each) => each.key === key);
}

async function settle(control) {
  const { key, feature } = entryOf(control);
  const entry = await currentEntry(key);
  const action = entry?.actions[control.dataset.settle];
  if (!action) {
    await refresh([feature]);
    throw new UserError(["This entry no longer applies."]);
  }
  if (action.change) propose(entry, action.change);
  else await hide(control, null);
}

function propose({ feature, title }, change) {
  const earlier = pending.get(feature);
  pending.set(feature, change);
  if (earlier && !pending.isSame(earlier, change)) {
    const undo = button("Undo", () => pending.set(feature, earlier));
    announce("", [element("span", {}, "Your earlier change of ", name(title), " was replaced.")], undo);
  }
  document.querySelector("[data-save-all]").focus();
}

async function change(query, input, feature, message) {
  const { payload } = await graphql(query, { input });
  await refresh([feature]);
  if (payload.errors.length) throw new UserError(payload.errors.map(sentence));
  showStatus(status, "success", [message]);
}

function hide(control, until) {
  const { key, feature } = entryOf(control);
  return change(HIDE, { key, until }, feature, until ? "Hidden until that day." : "Hidden until it changes.");
}

function show(control) {
  const { key, feature } = entryOf(control);
  return change(SHOW, { key }, feature, "Shown again.");
}

function remind(control) {
  const day = control.closest(".remind").querySelector("input");
  if (day.value && day.checkValidity()) return hide(control, day.value);
  day.focus();
  throw new UserError([day.value ? "Enter a day after today." : "Enter the day on which the entry comes back."]);
}

const ACTIONS = { "[data-settle]": settle, "[data-remind]": remind, "[data-show]": show };

async function run(action, control) {
  if (isBusy) return;
  isBusy = true;
  clearStatus(status);
  try {
    await action(control);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    showStatus(status, "error", error.messages, ...(error.needsSignIn ? [signInLink()] : []));
  } finally {
    isBusy = false;
    keepFocus();
  }
}

document.addEventListener("click", ({ target }) => {
  for (const [selector, action] of Object.entries(ACTIONS)) {
    const control = target.closest(selector);
    if (control) run(action, control);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".remind input")) run(remind, event.target);
});
document.documentElement.classList.add("can-settle");
