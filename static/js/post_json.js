// Posting fields and getting the server's JSON, or an error in words.
import { csrfToken } from "./app.js";

export const SIGNED_OUT = "You were signed out. Sign in in another tab, reload this page, and try again.";
const NO_CONNECTION = "The server can't be reached. Nothing was changed; try again.";
const NO_WORDS = "Something went wrong. Nothing was changed; try again.";

/** The JSON that it answers. Throws an Error whose message is for the person. */
export async function postJson(url, fields) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
  let response;
  try {
    response = await fetch(url, { method: "POST", body, headers });
  } catch {
    throw new Error(NO_CONNECTION);
  }
  if (response.status === 401) throw new Error(SIGNED_OUT);
  const answer = await jsonOf(response);
  if (!response.ok) throw new Error(answer.error || NO_WORDS);
  return answer;
}

// A proxy in between may answer with something else than JSON; then there are no words in it.
async function jsonOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}
