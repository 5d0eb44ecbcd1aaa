// Updates the page from the server's current rendering of it. Unsaved changes stay in the forms.

import { fetchPage } from "./api.js";
import * as forms from "./forms.js";
import * as pending from "./pending.js";
import { name } from "./status.js";

const MAX_TITLES = 5;

export function rowOf(feature) {
  return [...document.querySelectorAll("details[data-feature]")].find((row) => row.dataset.feature === feature);
}

export function listedFeatures() {
  return [...document.querySelectorAll("details[data-feature]")].map((row) => row.dataset.feature);
}

export function titleOf(feature) {
  return rowOf(feature)?.querySelector("h3 bdi").textContent ?? feature;
}

/** Return the version that the row of a feature shows. */
export function shownVersion(feature) {
  return Number(rowOf(feature)?.querySelector("summary").dataset.version ?? 0);
}

/** Return the titles of features as parts of a message: of many, the first ones and the number of the others. */
export function titles(features) {
  const shown = features.length > MAX_TITLES + 1 ? features.slice(0, MAX_TITLES) : features;
  const parts = shown.flatMap((feature, index) => [index ? ", " : "", name(titleOf(feature))]);
  const others = features.length - shown.length;
  return others ? [...parts, ` and ${others} others`] : parts;
}

/** Show in the rows which features have unsaved changes. */
export function markUnsaved() {
  for (const row of document.querySelectorAll("details[data-feature]")) {
    row.querySelector(".unsaved").hidden = !pending.get(row.dataset.feature);
  }
}

/** Replace the server-rendered parts of some features and of the page as a whole. */
function replaceParts(page, features) {
  const newParts = new Map([...page.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  for (const part of document.querySelectorAll("[data-part]")) {
    const [, owner] = part.dataset.part.split(/:(.*)/s);
    const newPart = newParts.get(part.dataset.part);
    if (newPart && (owner === undefined || features.includes(owner))) part.replaceWith(document.adoptNode(newPart));
  }
  return newParts;
}

async function refreshForm(feature) {
  const form = forms.formOf(feature);
  const before = forms.modelOptions(form);
  const newParts = replaceParts(await fetchPage({ feature }), [feature]);
  const isListed = newParts.has(`options:${feature}`);
  if (isListed) forms.enable(form, before);
  else forms.disable(form);
  return isListed;
}

/** Update the parts of the page that belong to no feature. */
export async function refreshPage() {
  replaceParts(await fetchPage({ feature: "" }), []);
}

/**
 * Update features from the server; return those that the page no longer lists. The event "features-refreshed" on the
 * document says that unsaved changes may have another effect than before.
 */
export async function refresh(features) {
  const unlisted = [];
  for (const feature of features.filter(forms.formOf)) {
    if (!(await refreshForm(feature))) unlisted.push(feature);
  }
  const onlyRows = features.filter((feature) => !forms.formOf(feature));
  if (onlyRows.length) replaceParts(await fetchPage(), onlyRows);
  markUnsaved();
  document.dispatchEvent(new CustomEvent("features-refreshed"));
  return unlisted;
}
