// Requests to the instance: GraphQL, and pages from which the browser's page is updated. Failures are in words for
// people.

import { sentence } from "./status.js";

const TIMEOUT_MS = 30_000;
const apiPath = metaContent(document, "api");
const signInPath = metaContent(document, "sign-in");
let csrfToken = metaContent(document, "csrf-token");

const SIGNED_OUT =
  "You are signed out: the session has expired, or its token was revoked. " +
  "Your changes are kept: sign in, then save again.";
const TURNED_OFF = "Model selection is turned off on this instance. Nothing was changed.";
const READ_ONLY =
  "This session is read-only. Your changes are kept: in another tab, sign out and sign in with a token that has " +
  "write access, then save again.";
const BUSY = "The database is busy or unavailable. Your changes are not lost: try again in a moment.";
const UNREACHABLE = "The server cannot be reached. Your changes are not lost: try again in a moment.";

/** An error with messages for people. */
export class UserError extends Error {
  /**
   * @param {string[]} messages
   * @param {{needsSignIn?: boolean, isOutcomeUnknown?: boolean}} [details] isOutcomeUnknown: the server may have saved
   */
  constructor(messages, { needsSignIn = false, isOutcomeUnknown = false } = {}) {
    super(messages.join(" "));
    Object.assign(this, { messages, needsSignIn, isOutcomeUnknown });
  }
}

function metaContent(page, name) {
  return page.querySelector(`meta[name="${name}"]`)?.content ?? "";
}

/** Return a link to the sign-in page in a new tab, so that everything typed in this one is kept. */
export function signInLink() {
  const link = document.createElement("a");
  link.href = signInPath;
  link.target = "_blank";
  link.textContent = "Sign in (opens a new tab)";
  return link;
}

async function request(path, options) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(path, { ...options, credentials: "same-origin", signal: controller.signal });
    return { response, text: await response.text() };
  } catch {
    if (!controller.signal.aborted) throw new UserError([UNREACHABLE], { isOutcomeUnknown: true });
    throw new UserError(["No response within 30 seconds."], { isOutcomeUnknown: true });
  } finally {
    clearTimeout(timer);
  }
}

function statusError(status) {
  if (status === 401) return new UserError([SIGNED_OUT], { needsSignIn: true });
  if (status === 403) return new UserError([READ_ONLY]);
  if (status === 404) return new UserError([TURNED_OFF]);
  if (status === 503) return new UserError([BUSY]);
  const message = `The server returned an error (${status}). Your changes are kept.`;
  return new UserError([message], { isOutcomeUnknown: true });
}

/**
 * Fetch this page again, as the server renders it now.
 * If somebody signed in again in another tab, this also picks up the CSRF token of the new session.
 */
export async function fetchPage(parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const path = location.pathname + (query && `?${query}`);
  const { response, text } = await request(path, { headers: { Accept: "text/html" } });
  if (response.redirected && new URL(response.url).pathname === signInPath) throw statusError(401);
  if (!response.ok) throw statusError(response.status);
  const page = new DOMParser().parseFromString(text, "text/html");
  csrfToken = metaContent(page, "csrf-token");
  return page;
}

async function post(operation) {
  const { response, text } = await request(apiPath, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken },
    body: JSON.stringify(operation),
  });
  return { status: response.status, body: parse(text) };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // a proxy's page
  }
}

/** Send a GraphQL operation; return the status and the body of its response. */
export async function send(operation) {
  const response = await post(operation);
  if (response.status !== 403) return response;
  await fetchPage({ feature: "" }); // the CSRF token of a session that was opened in another tab
  return await post(operation);
}

/** Run a GraphQL operation and return its data. */
export async function graphql(query, variables) {
  const { status, body } = await send({ query, variables });
  if (status !== 200) throw statusError(status);
  if (!body.errors?.length) return body.data;
  await fetchPage({ feature: "" }); // the feature flag may be off, which it reports better
  throw new UserError(body.errors.map((error) => sentence(error.message)));
}
