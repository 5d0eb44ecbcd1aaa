// The features page: its forms, the unsaved changes, and the bar that saves them. Only sessions with write access load
// this script; until it has run, all controls are disabled.

import "./attention.js";
import * as conflicts from "./conflicts.js";
import { effectOf } from "./effect.js";
import * as forms from "./forms.js";
import * as pending from "./pending.js";
import { markUnsaved } from "./refresh.js";
import { isSaving, save } from "./saving.js";
import { clearStatus, showStatus } from "./status.js";
import "./sync_now.js";
import "./unsaved_bar.js";
import "./versions.js";

function formOf(event) {
  return event.target.closest("form[data-feature]");
}

function statusOf(form) {
  return form.querySelector(".status");
}

function saveForm(form) {
  if (!pending.get(form.dataset.feature)) return undefined;
  const gap = forms.findGap(form);
  if (!gap) return save([form.dataset.feature], statusOf(form));
  showStatus(statusOf(form), "error", [gap.message]);
  return gap.control?.focus();
}

function discard(form) {
  pending.discard(form.dataset.feature);
  form.querySelector("[data-save]").focus();
  showStatus(statusOf(form), "", ["Changes discarded."]);
}

function applyMine(feature) {
  conflicts.rebase([feature]);
  saveForm(forms.formOf(feature));
}

function showConflict(form) {
  const notice = conflicts.notice(form.dataset.feature, applyMine);
  form.querySelector("[data-conflict]").replaceChildren(...(notice ? [notice] : []));
}

function showEffect(form) {
  form.querySelector(".effect").textContent = effectOf(form.dataset.feature);
}

/** Show a form that the server rendered, with everything that belongs to its unsaved change. */
function show(form) {
  const { feature } = form.dataset;
  forms.enable(form);
  showConflict(form);
  showEffect(form);
  if (conflicts.isOutdated(feature)) conflicts.compare([feature]).catch(() => {}); // saving reports what is wrong
}

document.addEventListener("change", (event) => {
  const form = formOf(event);
  if (!form) return;
  if (!isSaving()) clearStatus(statusOf(form));
  forms.collect(form);
});
// Enter in a field submits a form, which would save what was not meant to be saved.
document.addEventListener("submit", (event) => formOf(event) && event.preventDefault());
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-save]")) saveForm(formOf(event));
  if (event.target.closest("[data-discard]")) discard(formOf(event));
});
document.addEventListener("pending-changed", ({ detail }) => {
  for (const form of detail.features.map(forms.formOf)) {
    if (form) forms.synchronize(form);
  }
  markUnsaved();
});
document.addEventListener("conflicts-changed", () => forms.featureForms().forEach(showConflict));
document.addEventListener("effect-changed", () => forms.featureForms().forEach(showEffect));

document.addEventListener("form-loaded", ({ target }) => show(target));
forms.featureForms().forEach(show);
