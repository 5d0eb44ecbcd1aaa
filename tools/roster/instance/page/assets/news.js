// What is newer on the server than on the page: changes of others, and another list of models. The page asks when it
// comes to the front.

import { graphql } from "./api.js";
import { rowOf, shownVersion, titles } from "./refresh.js";
import { button } from "./status.js";

const VERSIONS = `{
  settings: aiFeatureSettings { nodes { feature version } }
  sync: aiModelSelectionSync { version }
}`;
let shownList = Number(document.querySelector('meta[name="list-version"]').content);
let isQueued = false;
let latest = Promise.resolve();

/** Return the listed features that others changed, and the version of the list if it is another one. */
export async function findNews() {
  const { settings, sync } = await graphql(VERSIONS);
  const listed = settings.nodes.filter(({ feature }) => rowOf(feature));
  const changed = listed.filter(({ feature, version }) => version !== shownVersion(feature));
  const list = sync.version ?? 0;
  return { changed: changed.map(({ feature }) => feature), newList: list === shownList ? undefined : list };
}

/** Return a message about features that were updated. */
export function updatedMessage(features) {
  return [`Updated, because others changed ${features.length === 1 ? "it" : "them"}: `, ...titles(features), "."];
}

/** Note that the page reported another list, and return what it says about that: the message and the action. */
export function reportList(version) {
  shownList = version;
  return ["The list of models changed in the meantime.", button("Show the new list", () => location.reload())];
}

/** Check when the page comes to the front, after the check in progress; several events lead to one more check. */
export function checkInFront(check) {
  const queueCheck = () => {
    if (isQueued) return;
    isQueued = true;
    latest = latest
      .then(() => {
        isQueued = false;
        return document.visibilityState === "visible" ? check() : undefined;
      })
      .catch(() => {}); // saving reports what is wrong
  };
  document.addEventListener("visibilitychange", queueCheck);
  addEventListener("focus", queueCheck);
}
