// One file to the server, and what came of it.
import { csrfToken } from "../app.js";

/**
 * Begin to send. `cancel()` ends it; `answer` becomes one of
 * {result, batchStatusUrl}  what the server did with the file, and where it tells of all files of the drop,
 * {signedOut}, {stale} (the token of the form is of an older session),
 * {offline} (no connection, or a server that is not there just now),
 * {refused: words} (not worth another try by itself), {cancelled}.
 */
export function send(file, { url, fields, onProgress }) {
  const request = new XMLHttpRequest();
  const answer = new Promise((resolve) => {
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => resolve(readAnswer(request.status, request.responseText));
    request.onerror = request.ontimeout = async () => resolve(await whyBroken(file));
    request.onabort = () => resolve({ cancelled: true });
  });
  request.open("POST", url);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.send(formData(file, fields));
  return { answer, cancel: () => request.abort() };
}

function formData(file, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("files", file, file.name);
  return form;
}

/** What the server says of a file, as `answer` above. */
export function readAnswer(status, text) {
  const body = parse(text);
  const result = body.results?.[0];
  if (result && status !== 503) return { result, batchStatusUrl: body.batchStatusUrl };
  if (result) return { offline: true, words: result.words }; // a full disk is not the picture's fault
  if (status === 401) return { signedOut: true };
  if (status === 400) return { stale: true, words: body.error };
  if (status === 429 || status >= 500) return { offline: true, words: body.error };
  return { refused: body.error || "The server did not take this file." };
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {}; // a proxy's page; its status says enough
  }
}

// A file that was moved or changed since it was chosen breaks the sending just like a lost connection.
async function whyBroken(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return { offline: true };
  } catch {
    return { refused: "This file can't be read any more. Choose it again." };
  }
}
