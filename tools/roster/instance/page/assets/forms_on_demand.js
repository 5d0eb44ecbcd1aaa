// Loads the form of a feature when its row is opened, from the page of that feature. The event "form-loaded" on the form
// lets other scripts enable it. Links to features open their rows.

const TIMEOUT_MS = 30_000;
const signInPath = document.querySelector('meta[name="sign-in"]').content;

function rowOf(feature) {
  return [...document.querySelectorAll("details[data-feature]")].find((row) => row.dataset.feature === feature);
}

/** Return the content of a feature's row as the server renders it now; undefined if it is not listed anymore. */
async function fetchContent(feature) {
  const path = `${location.pathname}?${new URLSearchParams({ feature })}`;
  const options = { headers: { Accept: "text/html" }, credentials: "same-origin" };
  const response = await fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.redirected && new URL(response.url).pathname === signInPath) throw new Error("signed out");
  if (!response.ok) throw new Error(`status ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector("details[data-feature] > .content");
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

function signInLink() {
  const link = document.createElement("a");
  link.href = signInPath;
  link.target = "_blank";
  link.textContent = "Sign in (opens a new tab)";
  return link;
}

function failureMessage(row, error) {
  if (error.message === "signed out") {
    return [paragraph("Your session has expired. ", signInLink(), "."), retryButton(row)];
  }
  return [paragraph("The models of this feature could not be loaded."), retryButton(row)];
}

/** Load the form of a row, unless it is there or on its way. Return the form; undefined if there is none. */
export async function load(row) {
  const content = row.querySelector(".content");
  if (content.querySelector("form[data-feature]")) return content.querySelector("form[data-feature]");
  if (content.getAttribute("aria-busy")) return undefined;
  content.setAttribute("aria-busy", "true");
  content.replaceChildren(paragraph("Loading the models…"));
  try {
    const loaded = await fetchContent(row.dataset.feature);
    content.replaceChildren(
      ...(loaded ? document.adoptNode(loaded).childNodes : [paragraph("This feature is not listed anymore.")]),
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
  row.querySelector("summary").focus({ preventScroll: true });
}

/** Open the feature that the URL's fragment names. */
function openTarget() {
  const row = document.querySelector(":target")?.closest("details[data-feature]");
  if (!row) return; // otherwise browsers may have opened it already
  // The frame in which a browser scrolls to the fragment ends with clearing the focus.
  requestAnimationFrame(() => requestAnimationFrame(() => open(row)));
}

document.addEventListener("toggle", ({ target }) => target.matches?.("details[data-feature][open]") && load(target), true);
document.addEventListener("click", (event) => {
  const row = rowOf(event.target.closest("a[data-open]")?.dataset.open);
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(row);
});
addEventListener("hashchange", openTarget);
openTarget();
