// Search over models, and the choice of models to compare, on the page of all models.

import { announce, connect, fillSections, hasFacts, modelText, words } from "./filters.js";
import { models } from "./search_data.js";

const MIN_MODELS = 2;
const MAX_MODELS = 5;
const list = document.getElementById("models");
const rows = new Map([...list.querySelectorAll(".model-row")].map((row) => [row.querySelector("details").dataset.model, row]));
const texts = new Map(models.map((model) => [model, modelText(model)]));
const comparing = document.getElementById("compare");
const chosen = document.getElementById("chosen");

function matches(model, selected) {
  const { mine, serving } = rows.get(model.id).querySelector("summary").dataset;
  return (
    (!selected.mine || mine !== undefined) &&
    (!selected.serving || serving !== undefined) &&
    words(selected.q).every((word) => texts.get(model).includes(word)) &&
    hasFacts(model, model.states, selected)
  );
}

function apply(selected) {
  const matching = models.filter((model) => matches(model, selected));
  for (const model of models) rows.get(model.id).hidden = !matching.includes(model);
  fillSections(list);
  document.getElementById("nothing").hidden = matching.length > 0;
  const isFiltered = Object.keys(selected).length > 0;
  if (!matching.length) announce("No model matches.");
  else announce(isFiltered ? `${matching.length} of ${models.length} models` : `${models.length} models`);
}

// Comparison

function choices() {
  return [...list.querySelectorAll(".choose input")];
}

/** Allow a comparison of 2 to 5 models, and say what is missing. */
function updateComparison() {
  const count = choices().filter(({ checked }) => checked).length;
  const isPossible = count >= MIN_MODELS && count <= MAX_MODELS;
  comparing.querySelector("button[type=submit]").setAttribute("aria-disabled", String(!isPossible));
  comparing.querySelector("button[type=reset]").hidden = !count;
  comparing.classList.toggle("in-use", count > 0);
  if (!count) chosen.textContent = "Choose 2 to 5 models to compare.";
  else if (count < MIN_MODELS) chosen.textContent = "1 model chosen: choose another one to compare it with.";
  else if (count > MAX_MODELS) chosen.textContent = `${count} models chosen: at most ${MAX_MODELS} can be compared.`;
  else chosen.textContent = `${count} models chosen.`;
}

list.addEventListener("change", (event) => event.target.closest(".choose") && updateComparison());
comparing.addEventListener("submit", (event) => {
  if (comparing.querySelector("[aria-disabled=true]")) event.preventDefault();
});
comparing.addEventListener("reset", (event) => {
  event.preventDefault(); // those that the address chose are not chosen anymore, either
  for (const input of choices()) input.checked = false;
  updateComparison();
  choices().find((input) => !input.closest("[hidden]"))?.focus();
});
addEventListener("pageshow", updateComparison); // browsers restore checkboxes when one goes back
connect(apply, () => list.querySelector(".model-row:not([hidden]) summary"));
updateComparison();
