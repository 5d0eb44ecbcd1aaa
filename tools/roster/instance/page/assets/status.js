// Small elements of messages: paragraphs, lists, buttons. Names are external text, so nothing is parsed as HTML.

/** Return an element with children: nodes or texts. */
export function element(tag, properties, ...children) {
  const created = Object.assign(document.createElement(tag), properties);
  created.append(...children);
  return created;
}

export function button(text, onClick, className = "") {
  const created = element("button", { type: "button", className }, text);
  created.addEventListener("click", onClick);
  return created;
}

/** Return a name of the list or of a person; its direction does not affect the text around it. */
export function name(text) {
  return element("bdi", {}, text);
}

/** Return a message of the API, which has neither a capital letter nor a period, as a sentence. */
export function sentence(text) {
  return text && `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

/** Show messages, each a text or a list of parts, in an element with the role status, and what to do about them. */
export function showStatus(status, kind, messages, ...actions) {
  const content =
    messages.length > 1
      ? element("ul", {}, ...messages.map((message) => element("li", {}, ...[message].flat())))
      : element("p", {}, ...messages.flat());
  status.className = `status ${kind}`;
  status.replaceChildren(content);
  for (const action of actions) (messages.length > 1 ? status : content).append(" ", action);
}

export function clearStatus(status) {
  status.className = "status";
  status.replaceChildren();
}
