// What the unsaved changes will make different, and for whom, as the server describes it before anything is saved.

import { graphql } from "./api.js";
import * as pending from "./pending.js";

const EFFECT = `query ($changes: [AiModelSelectionChangeInput!]!) {
  effect: aiModelSelectionEffect(changes: $changes) { summary features { feature title sentence } }
}`;
const DELAY_MS = 250;

let sentences = new Map();
let summary = "";
let timer;
let newest = 0;

/** Return a sentence about the effect of a feature's unsaved change; empty while it is unknown. */
export function effectOf(feature) {
  return sentences.get(feature) ?? "";
}

/** Return a sentence about the effect of all unsaved changes; empty while it is unknown. */
export function effectOfAll() {
  return summary;
}

/** Return what follows the title in the server's sentence as a sentence of its own. */
function ifSaved({ title, sentence }) {
  const effect = sentence.startsWith(`${title}: `) ? sentence.slice(title.length + 2) : sentence;
  return `If you save this, ${effect}.`;
}

/** Return whether a change selects all that its mode needs; without that, it has no effect yet. */
function isComplete({ mode, models, defaultModel }) {
  return mode === "ROSTER" || (Boolean(defaultModel) && (mode !== "CHOSEN_MODELS" || models.length > 0));
}

async function update() {
  const request = ++newest;
  const changes = pending.inputs().filter(isComplete);
  let effect = { summary: "", features: [] };
  if (changes.length) effect = await graphql(EFFECT, { changes }).then((data) => data.effect, () => effect);
  if (request !== newest) return;
  sentences = new Map(effect.features.map((each) => [each.feature, ifSaved(each)]));
  const [only] = sentences.size === 1 ? sentences.values() : [];
  summary = only ?? (effect.summary && `If you save them, ${effect.summary}.`);
  document.dispatchEvent(new CustomEvent("effect-changed"));
}

for (const event of ["pending-changed", "features-refreshed"]) {
  document.addEventListener(event, () => {
    clearTimeout(timer);
    timer = setTimeout(update, DELAY_MS);
  });
}
