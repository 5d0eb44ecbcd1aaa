// Notices what others changed when the page comes to the front: features without unsaved changes are updated, and the
// others are flagged as conflicts.

import * as conflicts from "./conflicts.js";
import { checkInFront, findNews, reportList, updatedMessage } from "./news.js";
import * as pending from "./pending.js";
import { listedFeatures, refresh, titles } from "./refresh.js";
import { isSaving } from "./saving.js";
import { announce } from "./unsaved_bar.js";

async function check() {
  if (isSaving()) return;
  const { changed, newList } = await findNews();
  const flagged = changed.filter(pending.get);
  if (flagged.length) await conflicts.compare(flagged);
  const updated = changed.filter((feature) => !pending.get(feature));
  const outdated = newList === undefined ? updated : listedFeatures();
  if (outdated.length) await refresh(outdated);
  report(updated, flagged.filter(pending.get), newList);
}

function report(updated, flagged, newList) {
  const messages = [];
  const actions = [];
  if (updated.length) messages.push(updatedMessage(updated));
  if (flagged.length) messages.push(["Changed by others, while you have unsaved changes: ", ...titles(flagged), "."]);
  if (newList !== undefined) {
    const [message, action] = reportList(newList);
    messages.push(message);
    actions.push(action);
  }
  if (messages.length) announce(flagged.length ? "error" : "", messages, ...actions);
}

checkInFront(check);
