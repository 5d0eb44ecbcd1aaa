// Search and filters of the matrix. Their state is in the URL, so that a view can be shared. Without this script, the
// page shows all models, and no filters.
"use strict";

const form = document.getElementById("filters");
const matrix = document.getElementById("matrix");
const count = document.getElementById("count");
const environmentLinks = [...document.querySelectorAll(".environments a")];

const OFFER = ".ga, .beta, .experiment";
const columns = [...(matrix?.tHead.rows[0].cells ?? [])].map((cell) => cell.dataset.feature);
const rows = [...(matrix?.tBodies[0].rows ?? [])].map((element) => ({
  element,
  cells: [...element.cells],
  text: element.cells[0].textContent.toLowerCase(),
  provider: element.dataset.provider,
  status: element.dataset.status,
  region: JSON.parse(element.dataset.region ?? "[]"),
  capability: JSON.parse(element.dataset.capability ?? "[]"),
}));

/** Return the selected values by filter, without those that are empty. */
function selection() {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
}

function matches(row, { q = "", provider, region, capability, feature, state }) {
  const words = q.toLowerCase().split(/\s+/);
  return (
    words.every((word) => row.text.includes(word)) &&
    (!provider || row.provider === provider) &&
    (!region || row.region.some((each) => each === region || each.startsWith(`${region}-`))) &&
    (!capability || row.capability.includes(capability)) &&
    hasOffer(row, feature, state)
  );
}

/** Return whether a row has an offer for a feature, or any, in a state: a release state, a default or a status. */
function hasOffer(row, feature, state) {
  if (!feature && (!state || row.status === state)) return true;
  const offers = row.cells.filter((cell, index) => index && cell.matches(OFFER) && (!feature || columns[index] === feature));
  if (!state) return offers.length > 0;
  if (row.status === state) return offers.length > 0;
  return offers.some((cell) => cell.classList.contains(state));
}

function showColumns(feature) {
  for (const [index, name] of columns.entries()) {
    const isHidden = Boolean(feature) && index > 0 && name !== feature;
    matrix.tHead.rows[0].cells[index].hidden = isHidden;
    for (const row of rows) row.cells[index].hidden = isHidden;
  }
}

function apply() {
  const selected = selection();
  let shown = 0;
  for (const row of rows) {
    const isShown = matches(row, selected);
    row.element.hidden = !isShown;
    shown += isShown;
  }
  showColumns(selected.feature);
  count.textContent = shown ? `${shown} of ${rows.length} models` : "No model matches these filters.";
  form.querySelector("button[type=reset]").hidden = !Object.keys(selected).length;
  updateAddress(new URLSearchParams(selected).toString());
}

/** Store the filters in the URL, and keep them in the links to other environments. */
function updateAddress(query) {
  const search = query && `?${query}`;
  for (const link of environmentLinks) link.href = link.href.split("?")[0] + search;
  try {
    history.replaceState(null, "", location.pathname + search + location.hash);
  } catch {
    // Browsers may forbid this for local files.
  }
}

/** Take the filters from the URL; a value that this environment does not have is ignored. */
function restore() {
  for (const [name, value] of new URLSearchParams(location.search)) {
    const control = form.elements.namedItem(name);
    if (!control) continue;
    control.value = value;
    if (control.selectedIndex === -1) control.value = "";
  }
}

/** On a phone, show the filters only on request, or if one is in use. */
function foldFilters() {
  const { q, ...filters } = selection();
  const isPhone = matchMedia("(max-width: 40rem)").matches;
  form.querySelector("details").open = !isPhone || Object.keys(filters).length > 0;
}

if (matrix) {
  form.hidden = false;
  restore();
  foldFilters();
  apply();
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () =>
    setTimeout(() => {
      apply();
      form.elements.q.focus();
    }),
  );
}
