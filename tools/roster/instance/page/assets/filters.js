// A form of search and filters: their values are in the URL, so that a link keeps them; "/" focuses the search, and
// Escape clears everything.

const ANNOUNCEMENT_DELAY_MS = 300;
const form = document.getElementById("search");
const found = document.getElementById("found");
const clear = document.getElementById("clear");
let announcement;
let applyValues;

/** Return a text as it is compared: without case and accents. */
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Return the words to search for. */
export function words(query = "") {
  return fold(query).split(/\s+/).filter(Boolean);
}

/** Return the values that are set, by filter. */
export function values() {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
}

/** Return whether a model meets the filters on models, in one of its states. */
export function hasFacts(model, states, { provider, state, region, capability }) {
  return (
    (!provider || model.provider === provider) &&
    (!state || states.includes(state)) &&
    (!region || model.regions.some((each) => each === region || each.startsWith(`${region}-`))) &&
    (!capability || model.capabilities.includes(capability))
  );
}

/** Return the text of a model that is searched. */
export function modelText({ id, name, provider }) {
  return fold(`${name} ${id} ${provider}`);
}

/** Show what is found, which screen readers announce once typing pauses. */
export function announce(text, ...nodes) {
  clearTimeout(announcement);
  announcement = setTimeout(() => found.replaceChildren(text, ...nodes), found.hasChildNodes() ? ANNOUNCEMENT_DELAY_MS : 0);
}

function update() {
  clear.hidden = !Object.keys(values()).length;
  updateAddress();
  applyValues(values());
}

/** Hide sections without a row that is shown, and count the others in the navigation. */
export function fillSections(list) {
  for (const section of list.querySelectorAll(".category")) {
    const count = section.querySelectorAll(".feature:not([hidden])").length;
    const heading = section.querySelector("h2").id;
    const link = [...document.querySelectorAll(".categories a")].find(({ hash }) => decodeURIComponent(hash) === `#${heading}`);
    section.hidden = !count;
    if (!link) continue;
    link.closest("li").hidden = !count;
    link.querySelector("span").textContent = count;
  }
}

/** Clear search and filters. */
export function clearAll() {
  form.reset();
  update();
}

function restore() {
  for (const [name, value] of new URLSearchParams(location.search)) {
    const control = form.elements.namedItem(name);
    if (!control) continue;
    if (control.type === "checkbox") control.checked = value === control.value;
    else control.value = value;
    if (control.selectedIndex === -1) control.value = ""; // no model has this value anymore
  }
}

/** Keep other parameters of the URL. */
function updateAddress() {
  const parameters = new URLSearchParams(location.search);
  for (const { name } of form.elements) parameters.delete(name);
  for (const [name, value] of Object.entries(values())) parameters.append(name, value);
  const query = parameters.toString();
  try {
    history.replaceState(history.state, "", location.pathname + (query && `?${query}`) + location.hash);
  } catch {
    // Browsers limit how often the address may change; the next change has all values again.
  }
}

/** On a phone, fold the filters unless one is in use. */
function foldFilters() {
  const { q, ...filters } = values();
  const isPhone = matchMedia("(max-width: 40rem)").matches;
  form.querySelector("details").open = !isPhone || Object.keys(filters).length > 0;
}

function isTyping({ target }) {
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

function focusSearch() {
  form.scrollIntoView(); // so that what is found is in view, too
  form.elements.q.focus({ preventScroll: true });
  form.elements.q.select();
}

/** Apply the filters now, and whenever they change; ``first`` returns the element to go to with Enter. */
export function connect(apply, first) {
  applyValues = apply;
  restore();
  foldFilters();
  update();
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    first()?.focus();
  });
  form.addEventListener("reset", () =>
    setTimeout(() => {
      update();
      if (document.activeElement?.matches("button[type=reset], body")) form.elements.q.focus();
    }),
  );
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    event.preventDefault();
    focusSearch();
  });
  form.elements.q.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // some browsers clear the text only
    clearAll();
  });
}
