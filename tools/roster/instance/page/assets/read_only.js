// The features page of a session without write access: shows what others changed when it comes to the front.

import { checkInFront, findNews, reportList, updatedMessage } from "./news.js";
import { listedFeatures, refresh } from "./refresh.js";
import { showStatus } from "./status.js";

const status = document.getElementById("news");

checkInFront(async () => {
  const { changed, newList } = await findNews();
  const outdated = newList === undefined ? changed : listedFeatures();
  if (outdated.length) await refresh(outdated);
  const messages = changed.length ? [updatedMessage(changed)] : [];
  const [message, ...actions] = newList === undefined ? [] : reportList(newList);
  if (message) messages.push(message);
  if (messages.length) showStatus(status, "", messages, ...actions);
});
