// One file straight to the bucket, past our server, which then looks at it in the background.
import { csrfToken } from "../app.js";
import { readAnswer } from "./send.js";

const FIRST_LOOK = 300;
const LONGEST_WAIT = 5000;

/** Whether the bucket takes such a file. What the browser knows no type of is sent to our server. */
export function goesDirectly(file, types) {
  return types.includes(file.type) && file.size > 0;
}

/**
 * Begin to send, as send() does. `answer` may also become {fallBack: true}: something on this way is closed, so send it
 * to our server; nothing is lost by it, and the same bytes are stored once. `onChecking` is called once all is sent.
 */
export function sendDirectly(file, way) {
  const life = new AbortController();
  const answer = go(file, way, life.signal).catch(() => (life.signal.aborted ? { cancelled: true } : { fallBack: true }));
  return { answer, cancel: () => life.abort() };
}

async function go(file, { direct, fields, onProgress, onChecking }, signal) {
  const opened = await postJson(direct.url, announcement(file, fields), signal);
  if (opened.status !== 201) return { fallBack: true };
  const form = await opened.json();
  if (!(await put(file, form, onProgress, signal))) return { fallBack: true };
  const completed = await postJson(`${direct.url}/${form.uploadId}/complete`, {}, signal);
  if (completed.status !== 202) return { fallBack: true };
  onChecking();
  return outcome(`${direct.checkUrl}${form.uploadId}`, signal);
}

function announcement(file, fields) {
  const told = { filename: file.name, mimeType: file.type, filesize: file.size };
  if (fields.gallery_id) told.galleryId = Number(fields.gallery_id);
  if (fields.allow_duplicate) told.allowDuplicate = true;
  if (fields.batch) told.batch = { key: fields.batch, files: fields.batch_files, number: fields.batch_number };
  return told;
}

function postJson(url, body, signal) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() };
  return fetch(url, { method: "POST", body: JSON.stringify(body), headers, signal });
}

// Whether the bucket took it; only this old way of sending tells how far it is.
function put(file, { url, fields }, onProgress, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => resolve(request.status >= 200 && request.status < 300);
    request.onerror = () => resolve(false);
    request.onabort = () => reject(new Error("cancelled"));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", url);
    request.send(form);
  });
}

// It is there: from here on it is only looked at, through lost connections too, until the server says what it is.
async function outcome(url, signal) {
  for (let wait = FIRST_LOOK; ; wait = Math.min(LONGEST_WAIT, wait * 1.5)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) return { cancelled: true };
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal }).catch(() => null);
    if (response && (response.status === 200 || response.status === 404 || response.status === 409)) {
      return readAnswer(response.status, await response.text());
    }
  }
}
