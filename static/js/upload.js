// Uploading without leaving the page: drop, paste or choose, a line of progress a file. The form works without it.
import { droppedFiles, hasFiles, withoutLitter } from "./upload/files.js";
import { Milestones } from "./upload/milestones.js";
import { Queue } from "./upload/queue.js";
import { Row } from "./upload/row.js";
import { countOf, summary } from "./upload/summary.js";
import { countWith } from "./upload/total.js";

const form = document.querySelector("form[data-upload]");
const panel = document.getElementById("upload-panel");
const grid = document.querySelector("[data-new-cards]");
const list = document.querySelector("[data-upload-rows]");
const rows = new Map(); // entry → Row
const milestones = new Milestones();
let olderRow = null;
let queue;
let later = 0;

function start() {
  for (const part of form.querySelectorAll("[data-without-js]")) part.hidden = true;
  for (const part of form.querySelectorAll("[data-with-js]")) part.hidden = false;
  queue = new Queue({
    url: form.action,
    direct: form.dataset.direct ? { url: form.dataset.direct, checkUrl: form.dataset.directCheck, types: typesOf(form) } : null,
    fields: form.elements.gallery_id ? { gallery_id: form.elements.gallery_id.value } : {},
    maxBytes: Number(form.dataset.maxBytes),
    changed: show,
  });
  listenForFiles();
  panel.querySelector("[data-upload-sign-in]").href = form.dataset.signIn;
  on("[data-upload-retry-all]", () => every(["failed", "interrupted", "cancelled"], (entry) => queue.retry(entry, entry.more)));
  on("[data-upload-cancel-all]", () => every(["waiting", "interrupted", "uploading"], (entry) => queue.cancel(entry)));
  on("[data-upload-clear]", clear);
  document.addEventListener("fragment:replaced", (event) => follow(event.target));
  addEventListener("beforeunload", (event) => queue.busy && event.preventDefault());
}

// The form's field names them all, and some endings besides.
function typesOf({ elements }) {
  return elements.files.accept.split(",").filter((one) => one.includes("/"));
}

function listenForFiles() {
  const input = form.elements.files;
  input.addEventListener("change", () => take(input.files));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(input.files);
  });
  chooseFolder();
  document.addEventListener("paste", (event) => event.clipboardData?.files.length && take(event.clipboardData.files));
  document.addEventListener("dragover", (event) => hasFiles(event.dataTransfer) && dragging(event, true));
  document.addEventListener("dragleave", (event) => event.relatedTarget || dragging(event, false));
  document.addEventListener("drop", async (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    dragging(event, false);
    take(await droppedFiles(event.dataTransfer));
  });
}

function dragging(event, over) {
  event.preventDefault();
  document.body.classList.toggle("is-dropping", over);
}

function chooseFolder() {
  const folder = document.createElement("input");
  if (!("webkitdirectory" in folder)) return;
  Object.assign(folder, { type: "file", webkitdirectory: true, multiple: true });
  folder.addEventListener("change", () => take(withoutLitter(folder.files)));
  const button = form.querySelector("[data-choose-folder]");
  button.hidden = false;
  button.addEventListener("click", () => folder.click());
}

function take(files) {
  const chosen = [...files];
  if (!chosen.length) return;
  milestones.begin(chosen.length);
  if (grid) grid.dataset.quiet = ""; // its cards would be read out one by one
  olderRow = list.firstElementChild; // the newest files stand on top
  queue.add(chosen);
  form.reset();
}

function show(entry) {
  if (!rows.has(entry)) {
    rows.set(entry, new Row(entry, act));
    list.insertBefore(rows.get(entry).node, olderRow);
  }
  rows.get(entry).show();
  if (entry.result && entry.shownResult !== entry.result) showResult(entry);
  summariseSoon();
}

function act(what, entry) {
  if (what === "cancel") queue.cancel(entry);
  else queue.retry(entry, what === "anyway" ? { allow_duplicate: "1" } : entry.more);
}

// The server has it: its card goes into the grid, and the line goes on to say what the background does.
function showResult(entry) {
  entry.shownResult = entry.result;
  if (entry.batchStatusUrl) showBatch(entry.batchStatusUrl);
  if (!entry.result.mediaId) return;
  countWith(entry.result);
  const card = cardInGrid(entry.result);
  rows.get(entry).showLines(entry.result.progress);
  if (card) delete rows.get(entry).lines.querySelector("[data-poll-url]")?.dataset.pollUrl;
  document.dispatchEvent(new CustomEvent("upload:added", { detail: entry.result }));
}

// One line for all files of a drop: live.js fetches it, and again after it seemed settled and one more file came.
function showBatch(url) {
  const id = url.match(/(\d+)\/status$/)[1];
  const lines = panel.querySelector("[data-upload-batches]");
  const line = lines.querySelector(`[data-batch="${id}"]`) ?? document.createElement("div");
  line.dataset.batch = id;
  line.dataset.pollUrl = url;
  if (!line.isConnected) lines.prepend(line);
}

function cardInGrid({ mediaId, card }) {
  if (!grid) return null;
  for (const part of document.querySelectorAll("[data-until-upload]")) part.remove();
  if (!document.getElementById(`media-${mediaId}`)) grid.insertAdjacentHTML("afterbegin", card);
  return document.getElementById(`media-${mediaId}`);
}

// One of the two is fetched anew by live.js, the card or else the line; the line shows what came.
function follow(fragment) {
  for (const row of rows.values()) {
    if (row.node.contains(fragment)) row.show();
    else if (fragment.dataset.mediaId && Number(fragment.dataset.mediaId) === row.entry.result?.mediaId) {
      row.showLines(fragment.querySelector(".progress-lines").outerHTML);
    }
  }
  summariseSoon();
}

// Of a thousand files something is new many times in a moment.
function summariseSoon() {
  later ||= setTimeout(summarise, 50);
}

function summarise() {
  later = 0;
  const counts = countOf(queue, [...rows.values()]);
  panel.hidden = !rows.size;
  panel.querySelector("[data-upload-summary]").textContent = summary(counts);
  panel.querySelector("[data-upload-signed-out]").hidden = !queue.signedOut;
  showIf("[data-upload-retry-all]", queue.count("failed", "interrupted", "cancelled") > 1);
  showIf("[data-upload-cancel-all]", queue.count("waiting", "interrupted", "uploading") > 1);
  showIf("[data-upload-clear]", !queue.busy);
  milestones.look(counts, queue.signedOut);
}

function clear() {
  queue.forget();
  rows.clear();
  list.replaceChildren();
  panel.querySelector("[data-upload-batches]").replaceChildren();
  summarise();
  form.elements.files.focus();
}

function every(states, what) {
  for (const entry of queue.entries.filter((one) => states.includes(one.state))) what(entry);
}

function on(selector, what) {
  panel.querySelector(selector).addEventListener("click", what);
}

function showIf(selector, condition) {
  panel.querySelector(selector).hidden = !condition;
}

if (form) start();
