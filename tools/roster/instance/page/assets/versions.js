// Notices what others changed when the page comes to the front: features without unsaved changes are updated, and the
// others are flagged as conflicts.

import { graphql } from "./api.js";
import * as conflicts from "./conflicts.js";
import * as pending from "./pending.js";
import { refresh, shownVersion, titles } from "./refresh.js";
import { isSaving } from "./saving.js";
import { announce } from "./unsaved_bar.js";

const VERSIONS = `{ settings: aiFeatureSettings { nodes { feature version } } }`;
let isQueued = false;
let latest = Promise.resolve();

function featureOf({ feature }) {
  return feature;
}

async function check() {
  if (document.visibilityState !== "visible" || isSaving()) return;
  const { settings } = await graphql(VERSIONS);
  const moved = settings.nodes.filter(({ feature, version }) => version !== shownVersion(feature));
  const flagged = moved.filter(({ feature }) => pending.get(feature));
  if (flagged.length) await conflicts.compare(flagged.map(featureOf));
  const updated = moved.filter(({ feature }) => !pending.get(feature));
  if (updated.length) await refresh(updated.map(featureOf));
  report(updated, flagged.filter(({ feature }) => pending.get(feature)));
}

function report(updated, flagged) {
  if (!updated.length && !flagged.length) return;
  const messages = [];
  if (updated.length) messages.push(["Updated, because others changed it: ", ...titles(updated.map(featureOf)), "."]);
  if (flagged.length) {
    messages.push(["Changed by others, while you have unsaved changes: ", ...titles(flagged.map(featureOf)), "."]);
  }
  announce(flagged.length ? "error" : "", messages);
}

/** Check after the check that is in progress; several events lead to one more check. */
function queueCheck() {
  if (isQueued) return;
  isQueued = true;
  latest = latest
    .then(() => {
      isQueued = false;
      return check();
    })
    .catch(() => {}); // saving reports what is wrong
}

document.addEventListener("visibilitychange", queueCheck);
addEventListener("focus", queueCheck);
