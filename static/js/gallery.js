// The order of a gallery by dragging, by its buttons without a reload, and hiding with an undo at the same place.
import { announce } from "./app.js";
import { makeDraggable } from "./gallery/drag.js";
import { keepingFocus, keepingUndos } from "./gallery/keep.js";
import { renumber } from "./gallery/places.js";
import { postJson } from "./post_json.js";

const items = document.querySelector("[data-items]");
const undoTemplate = document.getElementById("undo-hidden");
const SOONEST = 3000;
const SLOWEST = 60_000;
let lastRefresh = 0;
let nextLook;
let wait = SOONEST;

async function submitted(event) {
  const form = event.target;
  if (!form.matches("[data-move], [data-unhide]")) return;
  event.preventDefault();
  const pressed = event.submitter;
  try {
    if (form.matches("[data-unhide]")) await unhide(form);
    else if (pressed?.matches("[data-hide]")) await hide(form, pressed.formAction);
    else await move(form, pressed?.name === "to" ? { to: pressed.value } : { place: form.elements.place.value });
  } catch (error) {
    say(error.message, "danger");
  }
}

async function move(form, where) {
  const card = form.closest(".gallery-item");
  const answer = await postJson(form.action, { media_id: form.elements.media_id.value, ...where });
  form.reset();
  await refresh();
  const onThisPage = document.getElementById(card.id);
  say(`“${card.dataset.title}” is at position ${answer.place.toLocaleString("en")} now.`, onThisPage ? null : "success");
}

async function hide(form, url) {
  const card = form.closest(".gallery-item");
  const answer = await postJson(url, { media_id: form.elements.media_id.value });
  const undo = undoTemplate.content.firstElementChild.cloneNode(true);
  undo.querySelector("[data-undo-words]").textContent = `“${card.dataset.title}” is hidden.`;
  undo.querySelector("[name=media_id]").value = card.dataset.mediaId;
  card.classList.add("is-gone");
  card.draggable = false;
  card.replaceChildren(undo);
  card.querySelector("button").focus();
  renumber(items, answer.shown);
  showCounts(answer);
  announce(`“${card.dataset.title}” is hidden from this gallery.`);
}

async function unhide(form) {
  const mediaId = form.elements.media_id.value;
  const answer = await postJson(form.action, { media_id: mediaId });
  await refresh();
  document.querySelector(`#item-${mediaId} [data-hide]`)?.focus();
  announce(answer.words);
}

async function dropped(card, place) {
  const form = card.querySelector("form[data-move]");
  try {
    await move(form, { place });
  } catch (error) {
    say(error.message, "danger");
    await refresh();
  }
}

/** Show the pictures as the server has them now. */
async function refresh() {
  const number = ++lastRefresh;
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) throw new Error("The pictures can't be shown anew. Reload this page.");
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (number !== lastRefresh) return;
  keepingFocus(items, () => keepingUndos(items, () => {
    items.replaceChildren(...fresh.querySelector("[data-items]").childNodes);
    Object.assign(items.dataset, fresh.querySelector("[data-items]").dataset);
  }));
  for (const count of document.querySelectorAll("[data-count]")) {
    count.textContent = fresh.querySelector(`[data-count=${count.dataset.count}]`).textContent;
  }
  draggable();
}

function showCounts({ shown, hidden }) {
  const counts = { shown, hidden };
  for (const count of document.querySelectorAll("[data-count]")) {
    count.textContent = counts[count.dataset.count].toLocaleString("en");
  }
}

// Words that matter stay on the screen, the others are only spoken.
function say(words, kind) {
  const line = document.querySelector("[data-gallery-words]");
  line.hidden = !kind;
  line.className = `notice notice-${kind}`;
  line.textContent = words;
  announce(words);
}

function draggable() {
  makeDraggable(items, dropped, lookSoon);
}

// What came in the background is shown soon, and never under the hands of somebody who drags.
async function lookNow() {
  if (document.hidden || items.querySelector(".is-dragged")) return lookAgain();
  try {
    await refresh();
  } catch {
    // No connection, or signed out: what is shown stays, and the next look or click says so.
  }
  return lookAgain();
}

// Pictures that are not ready yet: look again now and then, until they are.
function lookAgain() {
  clearTimeout(nextLook);
  nextLook = setTimeout(() => (items.querySelector(".thumb-waiting") ? lookNow() : lookAgain()), wait);
  wait = Math.min(SLOWEST, wait * 1.3);
}

function lookSoon() {
  wait = SOONEST;
  lookNow();
}

if (items) {
  document.addEventListener("submit", submitted);
  document.addEventListener("upload:added", lookSoon);
  document.addEventListener("fragment:replaced", lookSoon);
  draggable();
  lookAgain();
}
