// Loads the content of a row when it is opened: the form of a feature, or the features of a model, from its own page. The
// event "form-loaded" on a form lets other scripts enable it. Links to features open their rows.

import { fetchPage, signInLink } from "./api.js";

const ROWS = "details[data-feature], details[data-model]";

function rowOf(feature) {
  return [...document.querySelectorAll("details[data-feature]")].find((row) => row.dataset.feature === feature);
}

/** Return the content of a row as the server renders it now; undefined if it is not listed anymore. */
async function fetchContent({ feature, model }) {
  const page = await fetchPage(feature === undefined ? { model } : { feature });
  return page.querySelector(`:is(${ROWS}) > .content`);
}

function paragraph(text, ...links) {
  const element = document.createElement("p");
  element.className = "load";
  element.setAttribute("role", "status");
  element.append(text, ...links);
  return element;
}

function retryButton(row) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Try again";
  button.addEventListener("click", () => {
    row.querySelector("summary").focus();
    load(row);
  });
  return button;
}

function failureMessage(row, error) {
  if (error.needsSignIn) {
    return [paragraph("Your session has expired. ", signInLink(), "."), retryButton(row)];
  }
  return [paragraph("This could not be loaded."), retryButton(row)];
}

/** Load the content of a row, unless it is there or on its way. Return its form; undefined if there is none. */
export async function load(row) {
  const content = row.querySelector(".content");
  if (!content.querySelector(":scope > .load")) return content.querySelector("form[data-feature]") ?? undefined;
  if (content.getAttribute("aria-busy")) return undefined;
  content.setAttribute("aria-busy", "true");
  content.replaceChildren(paragraph("Loading…"));
  try {
    const loaded = await fetchContent(row.dataset);
    content.replaceChildren(
      ...(loaded ? document.adoptNode(loaded).childNodes : [paragraph("This is no longer listed.")]),
    );
  } catch (error) {
    content.replaceChildren(...failureMessage(row, error));
  } finally {
    content.removeAttribute("aria-busy");
  }
  const form = content.querySelector("form[data-feature]");
  form?.dispatchEvent(new Event("form-loaded", { bubbles: true }));
  return form ?? undefined;
}

/** Open a feature's row, and scroll to it. */
function open(row) {
  row.dispatchEvent(new Event("reveal", { bubbles: true }));
  row.open = true; // loads its form, see the event toggle
  row.scrollIntoView();
  focusSummary(row);
}

function focusSummary(row) {
  row.querySelector("summary").focus({ preventScroll: true });
}

/** Open the feature that the URL's fragment names. */
function openTarget() {
  const row = document.querySelector(":target")?.closest(ROWS);
  if (!row) return; // otherwise browsers may have opened it already
  open(row);
  // A browser clears the focus when it scrolls to the fragment, sometimes only some frames later.
  for (const delay of [50, 300, 1000]) {
    setTimeout(() => document.activeElement === document.body && focusSummary(row), delay);
  }
}

document.addEventListener("toggle", ({ target }) => target.matches?.(ROWS) && target.open && load(target), true);
document.addEventListener("click", (event) => {
  const row = rowOf(event.target.closest("a[data-open]")?.dataset.open);
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(row);
});
addEventListener("hashchange", openTarget);
openTarget();
document.querySelectorAll(`:is(${ROWS})[open]`).forEach(load); // opened before this script was loaded
