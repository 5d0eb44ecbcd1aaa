// The button that starts a sync, in whichever process answers.

import { graphql, signInLink, UserError } from "./api.js";
import { refreshPage } from "./refresh.js";
import { button, sentence, showStatus } from "./status.js";

const SYNC = `mutation {
  payload: aiModelSelectionSyncNow(input: {}) { outcome text: sentence errors }
}`;
const control = document.querySelector("[data-sync-now]");
const status = control.parentElement.querySelector(".status");

async function sync() {
  const { payload } = await graphql(SYNC);
  if (payload.errors.length) throw new UserError(payload.errors.map(sentence));
  const { outcome, text } = payload;
  if (outcome === "REPLACED") {
    showStatus(status, "success", [text], button("Show the new list", () => location.reload()));
    return;
  }
  await refreshPage();
  showStatus(status, outcome === "FAILED" ? "error" : "success", [text]);
}

control.addEventListener("click", async () => {
  if (control.getAttribute("aria-disabled") === "true") return;
  control.setAttribute("aria-disabled", "true");
  showStatus(status, "", ["Syncing…"]);
  try {
    await sync();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    showStatus(status, "error", error.messages, ...(error.needsSignIn ? [signInLink()] : []));
  } finally {
    control.removeAttribute("aria-disabled");
  }
});
control.hidden = false;
