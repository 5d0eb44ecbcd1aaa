// GraphiQL, with the session of this page. It is light or dark as the browser prefers, unless its settings say otherwise.

import { send } from "./api.js";

const QUERY = `# Queries need read access. Mutations need write access, and are in the history with your name.
# To see all fields, open the documentation at the left.

{
  rosterVersion
}
`;

const SIGNED_OUT =
  "You are signed out: the session has expired, or its token was revoked. " +
  "Reload the page to sign in; the browser keeps what you typed.";

// The name under which react-style-singleton, a part of GraphiQL, looks for the nonce of its style elements.
globalThis.__webpack_nonce__ = document.querySelector('meta[name="style-nonce"]').content;

async function fetcher(operation) {
  try {
    const { status, body } = await send(operation);
    if (status === 401) return { errors: [{ message: SIGNED_OUT }] };
    return body.data || body.errors ? body : { errors: [{ message: `The server returned an error (${status}).` }] };
  } catch (error) {
    return { errors: [{ message: error.message }] }; // GraphiQL would show the stack
  }
}

const element = document.getElementById("graphiql");
const { createElement } = React;
// Only the session authenticates, so there are no headers to edit.
const properties = { fetcher, defaultQuery: QUERY, isHeadersEditorEnabled: false, showPersistHeadersSettings: false };
const link = createElement("a", { href: element.dataset.page, className: "graphiql-logo-link" }, "Roster");
const logo = createElement(GraphiQL.Logo, null, link);
ReactDOM.createRoot(element).render(createElement(GraphiQL, properties, logo));
