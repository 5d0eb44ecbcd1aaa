// Changes that others made in the meantime: who, when, what is selected now, and the choice between theirs and mine.

import { graphql } from "./api.js";
import { formOf, versionOf } from "./forms.js";
import * as pending from "./pending.js";
import { refresh, shownVersion } from "./refresh.js";
import { button, element, name } from "./status.js";
import { when } from "./time.js";

const CURRENT = `{
  settings: aiFeatureSettings {
    nodes {
      feature mode version changedBy changedAt
      selection { models { ref name } defaultModel { ref name } }
    }
  }
}`;

/** The conflicts that are not settled: what is selected now, by feature. */
const theirs = new Map();

function notify() {
  document.dispatchEvent(new CustomEvent("conflicts-changed"));
}

/** Return the features with unsaved changes that others changed, too. */
export function features() {
  return [...theirs.keys()];
}

/** Return whether the form or the row of a feature is older than the other, or than its unsaved change. */
export function isOutdated(feature) {
  const versions = [versionOf(formOf(feature)), shownVersion(feature), pending.get(feature)?.version];
  return new Set(versions.filter((version) => version !== undefined)).size > 1;
}

function asChange({ mode, selection, version }) {
  return {
    mode,
    models: mode === "CHOSEN_MODELS" ? selection.models.map(({ ref }) => ref) : [],
    defaultModel: selection?.defaultModel.ref ?? null,
    version,
  };
}

/**
 * Compare unsaved changes with what is selected now, and flag conflicts. What others selected in the same way, or an
 * earlier request saved without an answer, is saved. A feature that is not listed anymore cannot be changed. Return the
 * features whose changes are settled by that: saved and ended.
 */
export async function compare(features) {
  const { settings } = await graphql(CURRENT); // all of them, because an unknown name would be an error
  const current = new Map(settings.nodes.map((node) => [node.feature, node]));
  const mine = features.filter(pending.get);
  const ended = mine.filter((feature) => !current.has(feature));
  const listed = mine.filter((feature) => current.has(feature));
  const saved = listed.filter((feature) => pending.isSame(pending.get(feature), asChange(current.get(feature))));
  pending.discard(...saved, ...ended);
  for (const feature of listed.filter(pending.get)) {
    if (pending.get(feature).version !== current.get(feature).version) theirs.set(feature, current.get(feature));
  }
  await refresh(features);
  notify();
  return { saved, ended };
}

/** Take back a conflict and the unsaved change; the form already has what is selected now. */
function loadTheirs(feature) {
  theirs.delete(feature);
  pending.discard(feature);
  notify();
  (formOf(feature) ?? document).querySelector("summary, [data-save]")?.focus();
}

/** Base unsaved changes on the current version of each feature. */
export function rebase(features) {
  for (const feature of features) {
    pending.set(feature, { ...pending.get(feature), version: theirs.get(feature).version });
    theirs.delete(feature);
  }
  notify();
}

/** Return a sentence about a selection: "Only chosen models: A, B; default: A." */
function describe({ mode, selection }) {
  if (mode === "ROSTER") return ["Follow the roster."];
  const ownDefault = name(selection.defaultModel.name);
  if (mode === "OWN_DEFAULT") return ["Own default, all models allowed; default: ", ownDefault, "."];
  const models = selection.models.flatMap((model, index) => [index ? ", " : "", name(model.name)]);
  return ["Only chosen models: ", ...models, "; default: ", ownDefault, "."];
}

/** Return the notice about the conflict of a feature; nothing without one. */
export function notice(feature, applyMine) {
  const node = theirs.get(feature);
  if (!node) return undefined;
  const change = element("p", {}, element("strong", {}, "Changed in the meantime"), " by ", name(node.changedBy), ", ");
  change.append(...when(node.changedAt), ". Now selected: ", ...describe(node));
  const actions = element("div", { className: "actions" });
  actions.append(
    button("Load theirs", () => loadTheirs(feature)),
    button("Apply mine again", () => applyMine(feature)),
  );
  const kept = element("p", {}, "Your change is kept, and is not saved yet.");
  return element("div", { className: "notice warn conflict" }, change, kept, actions);
}

// A change that is discarded has no conflict.
document.addEventListener("pending-changed", () => {
  const settled = features().filter((feature) => !pending.get(feature));
  for (const feature of settled) theirs.delete(feature);
  if (settled.length) notify();
});
