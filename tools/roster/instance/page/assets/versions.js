// Notices what others changed when the page comes to the front: features without unsaved changes are updated, the others
// are flagged as conflicts.

import { graphql } from "./api.js";
import * as conflicts from "./conflicts.js";
import * as pending from "./pending.js";
import { refresh, rowOf, titleOf } from "./refresh.js";
import { isSaving } from "./saving.js";
import { name } from "./status.js";
import { when } from "./time.js";
import { announce } from "./unsaved_bar.js";

const VERSIONS = `{ settings: aiFeatureSettings { nodes { feature version changedBy changedAt } } }`;
const MIN_INTERVAL_MS = 1_000;
let checkedAt = 0;

function shownVersion(feature) {
  return Number(rowOf(feature)?.querySelector("summary").dataset.version ?? 0);
}

async function check() {
  if (document.visibilityState !== "visible" || isSaving() || Date.now() - checkedAt < MIN_INTERVAL_MS) return;
  checkedAt = Date.now();
  const { settings } = await graphql(VERSIONS);
  const moved = settings.nodes.filter(({ feature, version }) => version !== shownVersion(feature));
  const flagged = moved.filter(({ feature }) => pending.get(feature));
  if (flagged.length) await conflicts.compare(flagged.map(({ feature }) => feature));
  const updated = moved.filter(({ feature }) => !pending.get(feature));
  if (updated.length) await refresh(updated.map(({ feature }) => feature));
  report(updated, flagged.filter(({ feature }) => pending.get(feature)));
}

function report(updated, flagged) {
  const [first] = flagged.length ? flagged : updated;
  if (!first) return;
  const titles = (nodes) => nodes.map(({ feature }) => titleOf(feature)).join(", ");
  const parts = [
    updated.length ? `Updated, because others changed it: ${titles(updated)}.` : "",
    flagged.length ? `Changed by others, while you have unsaved changes: ${titles(flagged)}.` : "",
  ];
  announce(flagged.length ? "error" : "", [parts.filter(Boolean).join(" ")]);
}

function checkQuietly() {
  check().catch(() => {}); // saving reports what is wrong
}

document.addEventListener("visibilitychange", checkQuietly);
addEventListener("focus", checkQuietly);
