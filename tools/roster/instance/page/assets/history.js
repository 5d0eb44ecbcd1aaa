// Undoes changes, and restores earlier selections, from the history. Afterwards the page shows what was done.

import { fetchPage, graphql, signInLink, UserError } from "./api.js";
import { button, element, name, sentence, showStatus } from "./status.js";
import { when } from "./time.js";

const RESULT = `errors problems { message } batch
  conflicts { feature version changedBy changedAt }
  aiFeatureSettings { feature title }`;
const UNDO = `mutation ($input: AiModelSelectionUndoInput!) { payload: aiModelSelectionUndo(input: $input) { ${RESULT} } }`;
const RESTORE = `mutation ($input: AiFeatureSettingRestoreInput!) {
  payload: aiFeatureSettingRestore(input: $input) { ${RESULT} }
}`;
const SUMMARIES = `query ($batch: String!) {
  events: aiModelSelectionAuditEvents(batch: $batch, first: 3) { nodes { summary } pageInfo { hasNextPage } }
}`;
const SLOW_MS = 5_000;
const UNCHANGED = "Nothing was changed: this is already selected.";
const SIGNED_OUT =
  "Nothing was changed: the session has expired, or its token was revoked or cannot make changes. Sign in, then try again.";
const UNKNOWN_OUTCOME = "Reload to see whether it was changed.";
const outcome = document.querySelector("#outcome");
let isBusy = false;

function enableButtons() {
  for (const each of document.querySelectorAll("[data-undo], [data-restore]")) each.hidden = false;
}

/** Show what happened, with details below it, and what to do about it. */
function showOutcome(kind, title, details, ...actions) {
  showStatus(outcome, kind, [title]);
  outcome.append(element("ul", {}, ...details.map((detail) => element("li", {}, detail))), ...actions);
}

/** Show the changes as they are now, with the same filters. */
async function showChanges() {
  const page = await fetchPage(Object.fromEntries(new URLSearchParams(location.search)));
  for (const selector of ["#results", ".paging"]) {
    const [before, after] = [document.querySelector(selector), page.querySelector(selector)];
    if (before && after) before.replaceWith(document.adoptNode(after));
  }
  enableButtons();
}

async function showSuccess(batch) {
  if (!batch) return showStatus(outcome, "", [UNCHANGED]);
  try {
    const { events } = await graphql(SUMMARIES, { batch });
    const others = events.pageInfo.hasNextPage ? ["All changes are listed below."] : [];
    showOutcome("success", "Done:", [...events.nodes.map((node) => node.summary), ...others]);
    await showChanges();
  } catch (error) {
    if (!(error instanceof UserError)) throw error; // it must not hide the success
    showStatus(outcome, "success", ["Done. The page could not be updated: reload it to see the changes."]);
  }
}

/** Name what was changed since, by whom and when; a single selection can be restored nevertheless. */
function showConflicts({ conflicts, aiFeatureSettings }, event) {
  const titles = new Map(aiFeatureSettings.map(({ feature, title }) => [feature, title]));
  const messages = conflicts.map(({ feature, changedBy, changedAt }) =>
    element("span", {}, name(titles.get(feature) ?? feature), " was changed by ", name(changedBy), ", ", ...when(changedAt)),
  );
  const first = "Nothing was changed, because there are later changes:";
  const { version } = conflicts[0];
  const actions = event
    ? [button("Restore anyway", () => run(RESTORE, { auditEventId: event, version }, event))]
    : ["Restore the selections of the other features one by one."];
  showOutcome("error", first, messages, ...actions);
}

function showErrors({ problems }) {
  showOutcome("error", "Nothing was changed:", problems.map(({ message }) => sentence(message)));
}

function showUserError(error) {
  if (error.needsSignIn) return showStatus(outcome, "error", [SIGNED_OUT], signInLink());
  const actions = error.isOutcomeUnknown ? [UNKNOWN_OUTCOME, button("Reload", () => location.reload())] : [];
  showStatus(outcome, "error", error.messages, ...actions);
}

/** Run a mutation; ``event`` is the audit event that can be restored if there is a conflict. */
async function run(mutation, input, event) {
  if (isBusy) return;
  isBusy = true;
  showStatus(outcome, "", ["Saving…"]);
  outcome.focus();
  const timer = setTimeout(() => showStatus(outcome, "", ["Still saving…"]), SLOW_MS);
  try {
    const { payload } = await graphql(mutation, { input });
    clearTimeout(timer);
    if (payload.conflicts.length) showConflicts(payload, event);
    else if (payload.errors.length) showErrors(payload);
    else await showSuccess(payload.batch);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    showUserError(error);
  } finally {
    clearTimeout(timer);
    isBusy = false;
  }
}

document.addEventListener("click", ({ target }) => {
  const pressed = target.closest("[data-undo], [data-restore]");
  if (!pressed) return;
  const { undo, event, version } = pressed.dataset;
  if (undo) run(UNDO, { batch: undo }, event);
  else run(RESTORE, { auditEventId: event, version: Number(version) }, event);
});
enableButtons();
