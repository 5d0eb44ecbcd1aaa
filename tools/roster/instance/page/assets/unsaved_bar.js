// The bar that stays in view while there are unsaved changes: how many, their effect, and what to do with them. It also
// shows what happened to the page as a whole.

import * as conflicts from "./conflicts.js";
import { effectOf, effectOfAll } from "./effect.js";
import { findGap, formOf } from "./forms.js";
import * as pending from "./pending.js";
import { rowOf, titleOf, titles } from "./refresh.js";
import { save } from "./saving.js";
import { button, clearStatus, element, name, showStatus } from "./status.js";

const bar = document.getElementById("unsaved-changes");
const status = bar.querySelector(".status");
const review = bar.querySelector(".review");
const reviewButton = bar.querySelector("[data-review]");

function openFeature(feature) {
  const row = rowOf(feature);
  row.open = true;
  row.scrollIntoView();
  row.querySelector("summary").focus();
}

/** Show a message about the page as a whole, until the next change. */
export function announce(kind, messages, ...actions) {
  showStatus(status, kind, messages, ...actions);
  render();
}

async function saveAll() {
  const features = pending.features();
  const incomplete = features.filter((feature) => formOf(feature) && findGap(formOf(feature)));
  if (!incomplete.length) {
    await save(features, status);
    if (conflicts.features().length) toggleReview(true);
    return;
  }
  const messages = incomplete.map((feature) => [...titles([feature]), `: ${findGap(formOf(feature)).message}`]);
  openFeature(incomplete[0]);
  showStatus(status, "error", messages);
}

/** Base all unsaved changes on what others saved, and save them. */
function applyAllMine() {
  conflicts.rebase(conflicts.features());
  saveAll();
}

function discardAll() {
  const discarded = pending.features().map((feature) => [feature, pending.get(feature)]);
  pending.discard(...pending.features());
  const undo = button("Undo", () => {
    clearStatus(status);
    pending.setAll(discarded);
  });
  announce("", [counted(discarded.length, "change") + " discarded."], undo);
}

function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function toggleReview(open) {
  review.hidden = !open;
  reviewButton.setAttribute("aria-expanded", String(open));
}

function reviewItem(feature) {
  const title = button("", () => openFeature(feature), "link");
  title.append(name(titleOf(feature)));
  const discard = button("Discard", () => pending.discard(feature));
  discard.append(element("span", { className: "hidden" }, " the change of ", name(titleOf(feature))));
  const effect = element("p", { className: "effect" }, effectOf(feature));
  const notice = conflicts.notice(feature, (each) => {
    conflicts.rebase([each]);
    save([each], status);
  });
  return element("li", {}, element("div", { className: "item" }, title, discard), effect, ...(notice ? [notice] : []));
}

function render() {
  const hadFocus = bar.contains(document.activeElement);
  const features = pending.features();
  const count = counted(features.length, "unsaved change");
  bar.querySelector("[data-count]").textContent = features.length ? `${count}.` : "";
  bar.querySelector("[data-effect]").textContent = effectOfAll();
  bar.querySelector(".actions").hidden = !features.length;
  bar.querySelector("[data-apply-mine]").hidden = conflicts.features().length < 2;
  bar.querySelector("[data-close]").hidden = features.length > 0;
  review.querySelector("ul").replaceChildren(...features.map(reviewItem));
  if (!features.length) toggleReview(false);
  bar.hidden = !features.length && !status.hasChildNodes();
  const lostFocus = hadFocus && (document.activeElement === document.body || bar.hidden);
  if (lostFocus) (bar.hidden ? document.getElementById("features") : firstButton())?.focus();
}

/** Return the first button that is shown, for the focus of one that was removed. */
function firstButton() {
  return pending.features().length ? reviewButton : bar.querySelector("[data-close]");
}

reviewButton.addEventListener("click", () => toggleReview(review.hidden));
bar.querySelector("[data-save-all]").addEventListener("click", saveAll);
bar.querySelector("[data-discard-all]").addEventListener("click", discardAll);
bar.querySelector("[data-apply-mine]").addEventListener("click", applyAllMine);
bar.querySelector("[data-close]").addEventListener("click", () => {
  clearStatus(status);
  render();
});
for (const event of ["pending-changed", "effect-changed", "conflicts-changed"]) {
  document.addEventListener(event, render);
}
