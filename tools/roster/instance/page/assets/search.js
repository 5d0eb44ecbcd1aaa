// Search over features and models on the page of all features. A feature is shown if a model can serve it that meets the
// filters; each word of the search is in the names of the feature or of this model.

import { announce, clearAll, connect, fillSections, fold, hasFacts, modelText, values, words } from "./filters.js";
import { data, models } from "./search_data.js";

const MAX_NAMES = 3;
const RETIRING = "RETIRING";
const { sets, features } = data;
const modelTexts = models.map(modelText);
const list = document.getElementById("features");
const modelsPath = list.dataset.models;
const rows = [...list.querySelectorAll("details[data-feature]")].map(toRow);

function toRow(element) {
  const name = element.dataset.feature;
  const category = element.closest(".category").querySelector("h2").textContent;
  return { element, serving: sets[features[name]], text: fold(`${element.querySelector("h3 bdi").textContent} ${name} ${category}`) };
}

function summaryOf(row) {
  return row.element.querySelector("summary");
}

function statesOf(index, { retiring, states }) {
  return [states[index] ?? models[index].state, ...(retiring.includes(index) ? [RETIRING] : [])];
}

/** Return the models that make a feature match; undefined if it does not match. */
function match(row, selected) {
  const { mine, attention } = summaryOf(row).dataset;
  if ((selected.mine && mine === undefined) || (selected.attention && attention === undefined)) return undefined;
  const missing = words(selected.q).filter((word) => !row.text.includes(word));
  const { provider, state, region, capability } = selected;
  if (!missing.length && !provider && !state && !region && !capability) return [];
  const matching = row.serving.models.filter(
    (index) =>
      missing.every((word) => modelTexts[index].includes(word)) &&
      hasFacts(models[index], statesOf(index, row.serving), selected),
  );
  return matching.length ? matching : undefined;
}

function nameElement(index, isServing) {
  const name = document.createElement("bdi");
  name.textContent = models[index].name;
  return isServing ? [name, " (serves it)"] : [name];
}

/** Show in a row which models match: first the one that serves the feature now. */
function showMatching(row, matching) {
  const summary = summaryOf(row);
  summary.querySelector(".matching")?.remove();
  if (!matching?.length) return;
  const isServing = (index) => models[index].id === summary.dataset.serving;
  const sorted = [...matching.filter(isServing), ...matching.filter((index) => !isServing(index))];
  const names = sorted.slice(0, MAX_NAMES).map((index) => nameElement(index, isServing(index)));
  const more = sorted.length - names.length;
  const line = document.createElement("span");
  line.className = "matching";
  line.append(sorted.length > 1 ? "Matching models: " : "Matching model: ", ...names.flatMap((name, number) => (number ? [", ", ...name] : name)));
  if (more) line.append(` and ${more} more`);
  summary.append(line);
}

function modelsLink(count, selected) {
  const { attention, ...parameters } = selected;
  const link = document.createElement("a");
  link.href = `${modelsPath}?${new URLSearchParams(parameters)}`;
  link.textContent = count === 1 ? "Show this model" : `Show these ${count} models`;
  return link;
}

function report(shown, selected, matching) {
  const isFiltered = Object.keys(selected).length > 0;
  const count = isFiltered ? `${shown} of ${rows.length} features` : `${rows.length} features`;
  if (!shown) announce("No feature matches. ");
  else if (matching.size) announce(`${count}. `, modelsLink(matching.size, selected));
  else announce(count);
}

function apply(selected) {
  const allMatching = new Set();
  let shown = 0;
  for (const row of rows) {
    const matching = match(row, selected);
    row.element.hidden = !matching;
    showMatching(row, matching);
    for (const index of matching ?? []) allMatching.add(index);
    shown += Boolean(matching);
  }
  fillSections(list);
  document.getElementById("nothing").hidden = shown > 0;
  report(shown, selected, allMatching);
}

connect(apply, () => list.querySelector("details[data-feature]:not([hidden]) > summary"));
// A link leads to a row that is not shown.
document.addEventListener("reveal", ({ target }) => target.closest("[hidden]") && clearAll());
// After a save, the server's rendering of a row replaces its summary.
new MutationObserver((records) => {
  const isReplaced = records.some(({ addedNodes }) => [...addedNodes].some((node) => node.nodeName === "SUMMARY"));
  if (isReplaced) apply(values());
}).observe(list, { childList: true, subtree: true });
