// The form of a feature: its controls, and the unsaved change that they show.

import * as pending from "./pending.js";
import { element } from "./status.js";

export function featureForms() {
  return [...document.querySelectorAll("form[data-feature]")];
}

export function formOf(feature) {
  return featureForms().find((form) => form.dataset.feature === feature);
}

function stateOf(form) {
  return form.querySelector("[data-version]");
}

export function versionOf(form) {
  return Number(stateOf(form).dataset.version);
}

export function modelOptions(form) {
  return [...form.querySelectorAll(".option")].map((option) => ({
    option,
    checkbox: option.querySelector("input[type=checkbox]"),
    radio: option.querySelector("input[type=radio]"),
  }));
}

function modeRadios(form) {
  return [...form.querySelectorAll("input[name=mode]")];
}

/** Return what the controls select; by an attribute, also what they selected when the server rendered the form. */
function read(form, attribute = "checked") {
  const mode = modeRadios(form).find((radio) => radio[attribute])?.value ?? "ROSTER";
  const options = modelOptions(form);
  const models = options.filter(({ checkbox }) => checkbox[attribute]).map(({ checkbox }) => checkbox.value);
  const defaultModel = options.find(({ radio }) => radio[attribute])?.radio.value ?? null;
  return {
    mode,
    models: mode === "CHOSEN_MODELS" ? models : [],
    defaultModel: mode === "ROSTER" ? null : defaultModel,
    version: pending.get(form.dataset.feature)?.version ?? versionOf(form),
  };
}

/** Return the selection that the server rendered. */
export function savedSelection(form) {
  return { ...read(form, "defaultChecked"), version: versionOf(form) };
}

/** Let only models that may be the default be the default, and Save save only what changed. */
export function updateControls(form) {
  const mode = modeRadios(form).find((radio) => radio.checked)?.value ?? "ROSTER";
  form.dataset.mode = mode;
  for (const { checkbox, radio } of modelOptions(form)) {
    checkbox.disabled = mode !== "CHOSEN_MODELS"; // it is hidden then, but its label is not
    const isAllowed = mode !== "CHOSEN_MODELS" || checkbox.checked;
    radio.disabled = !isAllowed || "unavailable" in radio.dataset;
    if (!isAllowed) radio.checked = false;
  }
  const isUnsaved = Boolean(pending.get(form.dataset.feature));
  form.querySelector("[data-save]").setAttribute("aria-disabled", String(!isUnsaved));
  form.querySelector("[data-discard]").hidden = !isUnsaved;
}

/** Make the controls show a change. Models that are not offered anymore keep their row of before, if there was one. */
export function show(form, change, before = []) {
  const isOffered = new Set(modelOptions(form).map(({ checkbox }) => checkbox.value));
  for (const { option, checkbox } of before) {
    const isSelected = change.models.includes(checkbox.value) || change.defaultModel === checkbox.value;
    if (isSelected && !isOffered.has(checkbox.value)) keepOption(form, option);
  }
  for (const radio of modeRadios(form)) radio.checked = radio.value === change.mode;
  for (const { checkbox, radio } of modelOptions(form)) {
    if (change.mode === "CHOSEN_MODELS") checkbox.checked = change.models.includes(checkbox.value);
    if (change.mode !== "ROSTER") radio.checked = radio.value === change.defaultModel;
  }
  updateControls(form);
}

/** Keep the row of a model that was selected and is not offered anymore, so that the edit is complete. */
function keepOption(form, option) {
  if (!option.classList.contains("kept")) {
    option.classList.add("unavailable", "kept");
    option.querySelector(".model").append(element("span", { className: "tag warn" }, "No longer offered"));
    for (const control of option.querySelectorAll("input")) control.defaultChecked = false;
  }
  form.querySelector(".options").append(option);
}

/** Undo the changes of the controls. */
function showSaved(form) {
  for (const option of form.querySelectorAll(".option.kept")) option.remove();
  for (const control of form.querySelectorAll("input")) control.checked = control.defaultChecked;
  updateControls(form);
}

/** Make the controls show the feature's unsaved change, or what is saved. */
export function synchronize(form, before = []) {
  const change = pending.get(form.dataset.feature);
  if (change) show(form, change, before);
  else showSaved(form);
}

/** Put what an admin changed in a form into the unsaved changes. */
export function collect(form) {
  updateControls(form);
  const change = read(form);
  if (pending.isSame(change, savedSelection(form))) pending.discard(form.dataset.feature);
  else pending.set(form.dataset.feature, change);
  updateControls(form);
}

/** Make a form usable that the server rendered, unless the session is read-only. */
export function enable(form, before = []) {
  if (!form.querySelector("[data-save]")) return;
  form.querySelector("fieldset").disabled = false;
  form.querySelector(".actions").hidden = false;
  synchronize(form, before);
}

/** Make the form of a feature that the page no longer lists read-only. */
export function disable(form) {
  form.querySelector("fieldset").disabled = true;
  for (const actions of form.querySelectorAll(".actions")) actions.hidden = true;
  form.closest("details").querySelector("summary").focus();
}

/** Return what is missing in a change, and the control to go to; nothing if it is complete. */
export function findGap(form) {
  const change = read(form);
  const allowed = modelOptions(form).filter(({ checkbox }) => checkbox.checked || change.mode === "OWN_DEFAULT");
  if (change.mode === "CHOSEN_MODELS" && !change.models.length) {
    return { message: "Allow at least one model and select a default.", control: modelOptions(form)[0]?.checkbox };
  }
  if (change.mode !== "ROSTER" && !change.defaultModel) {
    const subject = change.mode === "OWN_DEFAULT" ? "models" : "allowed models";
    return { message: `Select one of the ${subject} as the default.`, control: allowed[0]?.radio };
  }
  return undefined;
}
