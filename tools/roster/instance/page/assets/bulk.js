// A rule for many features: its choices, what it would change, and its proposals as unsaved changes.

import { graphql, UserError } from "./api.js";
import * as pending from "./pending.js";
import { models } from "./search_data.js";
import { element, name, sentence, showStatus } from "./status.js";

const PROPOSE = `query ($rule: AiModelSelectionBulkRuleInput!) {
  proposal: aiModelSelectionBulkChanges(rule: $rule) {
    changes { feature mode models { ref } defaultModel { ref } version note }
    refusals { title reason }
    complying
    effect { summary features { sentence } }
    errors
  }
}`;
const DELAY_MS = 250;
const CONDITIONS = { provider: "providers", state: "releaseStates", region: "regions", capability: "capabilities" };
const RELEASE_STATES = ["GA", "BETA", "EXPERIMENT"];

const panel = document.getElementById("bulk");
const form = panel.querySelector("form");
const conditions = form.querySelector("[data-conditions]");
const named = form.querySelector(".named ul");
const status = form.querySelector(".status");
const list = form.querySelector("[data-changes]");
const addButton = form.querySelector("[data-add]");

let timer;
let newest = 0;
let changes = [];
let isCurrent = false;

// Choices

/** Copy the choices of the filters, and list the models; once, since most admins do not open the panel. */
function fillIn() {
  if (named.children.length) return;
  const filters = document.getElementById("search").elements;
  for (const select of conditions.querySelectorAll("select")) {
    const choices = [...filters[select.name].options].filter(
      ({ value }) => select.name !== "state" || !value || RELEASE_STATES.includes(value),
    );
    select.append(...choices.map((choice) => element("option", { value: choice.value }, choice.value ? choice.text : "Any")));
  }
  const defaults = models.map((model) => element("option", { value: model.id, className: "model" }, model.name));
  form.elements.default.append(...defaults);
  named.append(
    ...models.map((model) => {
      const checkbox = element("input", { type: "checkbox", name: "models", value: model.id });
      return element("li", {}, element("label", {}, checkbox, " ", name(model.name)));
    }),
  );
}

function shownFeatures() {
  const rows = [...document.querySelectorAll("#features details[data-feature]")];
  return rows.filter((row) => !row.closest("[hidden]")).map((row) => row.dataset.feature);
}

function scope() {
  const { value, selectedOptions } = form.elements.scope;
  if ("category" in selectedOptions[0].dataset) return { category: value };
  return value === "shown" ? { features: shownFeatures() } : {};
}

function readConditions() {
  const values = [...conditions.querySelectorAll("select")].filter((select) => select.value);
  const ids = [...named.querySelectorAll(":checked")].map((checkbox) => checkbox.value);
  return {
    ...Object.fromEntries(values.map((select) => [CONDITIONS[select.name], [select.value]])),
    ...(ids.length ? { models: ids } : {}),
  };
}

function readDefault() {
  const { value, selectedOptions } = form.elements.default;
  return selectedOptions[0].className === "model" ? { default: "MODEL", defaultModel: value } : { default: value };
}

function readRule() {
  const allow = form.elements.allow.value;
  return { ...scope(), ...readDefault(), allow, ...(allow === "MATCHING" ? { conditions: readConditions() } : {}) };
}

/** Return what is missing in a rule, as a sentence; nothing if it is complete. */
function findGap(rule) {
  if (rule.features?.length === 0) return "The search shows no feature.";
  if (rule.conditions && !Object.keys(rule.conditions).length) return "Choose a condition, such as a provider.";
  if (rule.allow === "KEEP" && rule.default === "KEEP") return "Choose other models, another default, or both.";
  return undefined;
}

// Proposal

function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function show(kind, messages, items = []) {
  showStatus(status, kind, messages);
  list.replaceChildren(...items);
  list.hidden = !items.length;
  addButton.setAttribute("aria-disabled", String(!changes.length));
}

function changeItem({ note }, effect) {
  return element("li", {}, `${effect.sentence}.`, ...(note ? [element("p", {}, sentence(note))] : []));
}

function refusalItem({ title, reason }) {
  return element("li", { className: "refusal" }, name(title), `: ${reason}`);
}

function showProposal(proposal) {
  const { refusals, complying, effect } = proposal;
  const replaced = changes.filter(({ feature }) => pending.get(feature)).length;
  const counts = [
    changes.length ? `${counted(changes.length, "feature")} would change` : "No feature would change",
    complying ? `${counted(complying, "feature")} already ${complying === 1 ? "complies" : "comply"}` : "",
    refusals.length ? `${counted(refusals.length, "feature")} cannot follow the rule` : "",
    replaced ? `${counted(replaced, "unsaved change")} would be replaced` : "",
  ];
  const items = [...refusals.map(refusalItem), ...changes.map((change, index) => changeItem(change, effect.features[index]))];
  const summary = changes.length ? ` ${sentence(effect.summary)}` : "";
  show("", [`${counts.filter(Boolean).join("; ")}.${summary}`], items);
}

async function propose() {
  clearTimeout(timer);
  const request = ++newest;
  const rule = readRule();
  const gap = findGap(rule);
  let proposal;
  try {
    proposal = gap ? undefined : (await graphql(PROPOSE, { rule })).proposal;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (request === newest) show("error", error.messages);
    return;
  }
  if (request !== newest) return;
  isCurrent = true;
  changes = proposal?.changes ?? [];
  if (gap) show("", [gap]);
  else if (proposal.errors.length) show("error", proposal.errors.map(sentence));
  else showProposal(proposal);
}

/** Propose changes soon, since further choices may follow. */
function proposeSoon() {
  isCurrent = false;
  newest += 1;
  changes = [];
  addButton.setAttribute("aria-disabled", "true");
  conditions.hidden = form.elements.allow.value !== "MATCHING";
  clearTimeout(timer);
  timer = setTimeout(propose, DELAY_MS);
}

function toPending({ feature, mode, models: allowed, defaultModel, version }) {
  return [feature, { mode, models: allowed.map(({ ref }) => ref), defaultModel: defaultModel?.ref ?? null, version }];
}

async function add() {
  if (!isCurrent) await propose();
  if (!changes.length) return;
  pending.setAll(changes.map(toPending));
  panel.open = false;
  document.querySelector("[data-save-all]").focus();
}

// Events

function showPanel() {
  if (!panel.open) return;
  fillIn();
  proposeSoon();
  conditions.querySelector("select")?.focus();
}

panel.addEventListener("toggle", showPanel);
form.addEventListener("change", proposeSoon);
form.addEventListener("submit", (event) => event.preventDefault());
addButton.addEventListener("click", add);
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) add();
  if (event.key !== "Escape") return;
  panel.open = false;
  panel.querySelector("summary").focus();
});
document.getElementById("search").addEventListener("input", () => {
  if (panel.open && form.elements.scope.value === "shown") setTimeout(proposeSoon);
});
showPanel(); // it may have been opened before this script was loaded
