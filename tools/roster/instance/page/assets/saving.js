// Saves unsaved changes in one transaction, and reports the outcome: saved, refused, or unknown.

import { graphql, signInLink, UserError } from "./api.js";
import * as conflicts from "./conflicts.js";
import * as pending from "./pending.js";
import { refresh, titles } from "./refresh.js";
import { button, sentence, showStatus } from "./status.js";

const SAVE = `mutation ($input: AiFeatureSettingsUpdateInput!) {
  payload: aiFeatureSettingsUpdate(input: $input) {
    problems { feature message }
    conflicts { feature }
    batch
    settings: aiFeatureSettings { feature version }
  }
}`;
const UNDO = `mutation ($input: AiModelSelectionUndoInput!) {
  payload: aiModelSelectionUndo(input: $input) { problems { feature message } }
}`;
const SLOW_MS = 5_000;
const MAX_PROBLEMS = 5;
const UNKNOWN_OUTCOME = "Reload to see whether it was saved.";
let isBusy = false;

/** Return whether a request to save is on its way. */
export function isSaving() {
  return isBusy;
}

function setBusy(busy) {
  isBusy = busy;
  document.body.classList.toggle("saving", busy);
}

/** Run an action that saves; meanwhile others do nothing, and the status says that it takes long. */
async function whileSaving(features, status, action) {
  if (isBusy) {
    if (!status.textContent) showStatus(status, "", ["Another change is being saved. Try again in a moment."]);
    return;
  }
  setBusy(true);
  showStatus(status, "", ["Saving…"]);
  const timer = setTimeout(() => showStatus(status, "", ["Still saving…"]), SLOW_MS);
  try {
    await action();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    showError(error, features, status);
  } finally {
    clearTimeout(timer);
    setBusy(false);
  }
}

function showError(error, features, status) {
  const actions = [];
  if (error.needsSignIn) actions.push(signInLink());
  if (error.isOutcomeUnknown) {
    actions.push(UNKNOWN_OUTCOME, button("Reload", () => checkOutcome(features, status)));
  }
  showStatus(status, "error", error.messages, ...actions);
}

/** Find out whether changes were saved whose request had no answer. */
function checkOutcome(features, status) {
  return whileSaving(features, status, async () => {
    const { saved } = await conflicts.compare(features);
    const unsaved = features.some(pending.get);
    if (unsaved) showStatus(status, "error", ["Not saved. Your changes are kept: save again."]);
    else showStatus(status, "success", [saved.length ? "Saved." : "Reloaded."]);
  });
}

/** Save the unsaved changes of some features: all of them or none. */
export function save(features, status) {
  return whileSaving(features, status, () => attempt(features, status));
}

async function attempt(features, status) {
  const sent = new Map(features.map((feature) => [feature, pending.get(feature)]));
  const { payload } = await graphql(SAVE, { input: { changes: pending.inputs(features) } });
  if (payload.conflicts.length) await reportConflicts(payload, features, status);
  else if (payload.problems.length) await reportProblems(payload, features, status);
  else await reportSuccess(payload, sent, status);
}

/** Base what was edited while the request was on its way on the version that the request made. */
function rebaseEdits({ settings }) {
  for (const { feature, version } of settings) {
    const edited = pending.get(feature);
    if (edited) pending.set(feature, { ...edited, version });
  }
}

async function refreshAfter(success, features) {
  return refresh(features).catch(() => {
    throw new UserError([`${success} The page could not be updated: reload it to see the current state.`]);
  });
}

async function reportSuccess(payload, sent, status) {
  const features = [...sent.keys()];
  pending.discard(...features.filter((feature) => pending.get(feature) === sent.get(feature)));
  rebaseEdits(payload);
  const unlisted = await refreshAfter("Saved.", features);
  rebaseEdits(payload);
  const isBulk = features.length > 1;
  const success = [isBulk ? `Saved ${features.length} changes.` : "Saved."];
  if (unlisted.length) success.push(" No model serves ", ...titles(unlisted), ", so it will no longer be listed.");
  const undoing = isBulk && payload.batch ? [button("Undo", () => undo(payload.batch, features, status))] : [];
  showStatus(status, "success", [success], ...undoing);
}

/** Take back what was saved together, unless others changed it since. */
function undo(batch, features, status) {
  return whileSaving(features, status, async () => {
    const { payload } = await graphql(UNDO, { input: { batch } });
    if (payload.problems.length) return reportProblems(payload, features, status, "Nothing was undone.");
    await refreshAfter("Undone.", features);
    return showStatus(status, "success", ["Undone."]);
  });
}

/** Return a problem as a sentence, which says which of several features it is about. */
function problemSentence({ feature, message }, features) {
  const text = sentence(message);
  return feature && features.length > 1 ? [...titles([feature]), `: ${text}`] : [text];
}

/** Return the problems as sentences: of many, one of each of the first features, and the number of the others. */
function problemSentences(problems, features) {
  if (problems.length <= MAX_PROBLEMS + 1) return problems.map((problem) => problemSentence(problem, features));
  const firsts = [...new Map([...problems].reverse().map((problem) => [problem.feature, problem])).values()].reverse();
  const shown = firsts.slice(0, MAX_PROBLEMS);
  const others = `${problems.length - shown.length} more problems.`;
  return [...shown.map((problem) => problemSentence(problem, features)), [others]];
}

async function reportProblems({ problems }, features, status, outcome = "Nothing was saved. Your changes are kept.") {
  await refresh(features).catch(() => {}); // the current list, with the edit
  const sentences = problemSentences(problems, features);
  if (features.length > 1) sentences.unshift(outcome);
  showStatus(status, "error", sentences);
}

async function reportConflicts(payload, features, status) {
  const { saved, ended } = await conflicts.compare(payload.conflicts.map(({ feature }) => feature));
  const left = conflicts.features().filter((feature) => features.includes(feature));
  const unsaved = features.filter(pending.get);
  const messages = [];
  if (left.length) messages.push(["Nothing was saved: others changed ", ...titles(left), " in the meantime."]);
  if (ended.length) {
    messages.push(["No longer listed, because others deleted the selection: ", ...titles(ended), "."]);
  }
  if (messages.length) return showStatus(status, "error", messages);
  if (saved.length && unsaved.length) return attempt(unsaved, status);
  return showStatus(status, "success", ["Saved."]);
}
