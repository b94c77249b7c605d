/** The server's API. Every failure is an `ApiError`; status 0 means that the server was not reached. */

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.error ?? (status ? `The server answered ${status}.` : "The server cannot be reached."));
    this.status = status;
    this.body = body ?? {};
  }
}

let reviewer = null;

/** Whose page this is: every step names the reviewer, so that a server for another one does not take it for theirs. */
export const signAs = (name) => (reviewer = name);

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
    });
  } catch {
    throw new ApiError(0);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

// The slashes too: a browser would take the `..` of a path for the folder above.
const escaped = encodeURIComponent;

export const session = () => call("GET", "/api/session");
export const queue = (parameters) => call("GET", `/api/queue?${new URLSearchParams(parameters)}`);
export const read = (id) => call("GET", `/api/document/${escaped(id)}`);
export const send = (id, event) => call("POST", `/api/events/${escaped(id)}`, { ...event, reviewer });
export const undo = () => call("POST", "/api/undo", { reviewer });
export const redo = () => call("POST", "/api/redo", { reviewer });
export const next = (id, chosen = {}) =>
  call("GET", `/api/next?${new URLSearchParams({ ...chosen, after: id })}`).then(({ id }) => id);
export const history = (id) => call("GET", `/api/history/${escaped(id)}`).then(({ events }) => events);

const parsed = new Map();

/** How a sum is read. @param {string} text @returns {Promise<object|null>} */
export async function amount(text) {
  if (!parsed.has(text)) parsed.set(text, (await call("POST", "/api/amount", { text })).amount);
  return parsed.get(text);
}
