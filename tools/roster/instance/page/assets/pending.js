// Unsaved changes of all features, whether their forms are loaded or not. Every module that proposes a change puts it
// here; the event "pending-changed" on the document says which features changed.

/**
 * @typedef {object} Change
 * @property {"ROSTER" | "OWN_DEFAULT" | "CHOSEN_MODELS"} mode
 * @property {string[]} models ids; only with the mode CHOSEN_MODELS
 * @property {string | null} defaultModel
 * @property {number} version the version that the change is based on
 */

/** @type {Map<string, Change>} */
const changes = new Map();

function notify(features) {
  document.dispatchEvent(new CustomEvent("pending-changed", { detail: { features } }));
}

/** Put an unsaved change in place of an earlier one of the feature. */
export function set(feature, change) {
  changes.set(feature, change);
  notify([feature]);
}

/** Put many unsaved changes at once, given as pairs of feature and change. */
export function setAll(pairs) {
  for (const [feature, change] of pairs) changes.set(feature, change);
  notify(pairs.map(([feature]) => feature));
}

/** Discard the unsaved changes of some features. */
export function discard(...features) {
  const discarded = features.filter((feature) => changes.delete(feature));
  if (discarded.length) notify(discarded);
}

export function get(feature) {
  return changes.get(feature);
}

/** Return the features with unsaved changes, in the order of their first change. */
export function features() {
  return [...changes.keys()];
}

/** Return some unsaved changes, all by default, as the API expects them. */
export function inputs(selected = features()) {
  return selected.map((feature) => ({ feature, ...changes.get(feature) }));
}

/** Return whether two changes select the same, whatever version they are based on. */
export function isSame(one, other) {
  return (
    one.mode === other.mode &&
    (one.mode === "ROSTER" || one.defaultModel === other.defaultModel) &&
    (one.mode !== "CHOSEN_MODELS" || [...one.models].sort().join("\n") === [...other.models].sort().join("\n"))
  );
}

addEventListener("beforeunload", (event) => {
  if (changes.size) event.preventDefault();
});
