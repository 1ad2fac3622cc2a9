// Shows a picture large in a <dialog>. Each has an address, #picture-42; arrows, Home and End turn, Escape closes.

import { canLoadMore, loadMore } from "./more.js";
import { isMoreBehind, placeOf } from "./places.js";

const dialog = document.getElementById("lightbox");
const frame = dialog.querySelector("[data-frame]");
const caption = dialog.querySelector("[data-caption]");
const count = dialog.querySelector("[data-count]");
const TURNS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
let shown = null; // the link whose picture is in the dialog

const links = () => [...document.querySelectorAll("main a[data-picture]")];

function show(link) {
  const picture = link.querySelector("picture").cloneNode(true);
  picture.querySelectorAll("[sizes]").forEach((part) => { part.sizes = "100vw"; });
  picture.querySelector("img").loading = "eager";
  frame.replaceChildren(picture);
  caption.textContent = link.parentElement.querySelector("figcaption")?.textContent ?? "";
  const { place, total } = placeOf(link);
  count.textContent = `${place.toLocaleString("en")} of ${total.toLocaleString("en")}`;
  shown = link;
  if (!dialog.open) dialog.showModal();
}

/** The part of the page that it came with, for one that was fetched later. */
function address(link) {
  const part = link.closest("[data-from]")?.dataset.from ?? location.pathname + location.search;
  return `${part}#picture-${link.dataset.picture}`;
}

async function turn(steps) {
  const from = shown;
  if (steps === 1 && canLoadMore() && isMoreBehind(from)) {
    if (!await loadMore()) return sayThatNoneCame();
    if (shown !== from || !dialog.open) return; // turned or closed meanwhile
  }
  turnTo(steps);
}

function sayThatNoneCame() {
  count.textContent = "The next pictures can't be loaded now. Try again.";
}

function turnTo(steps) {
  const all = links();
  const here = all.indexOf(shown);
  const wanted = Number.isFinite(steps) ? (here + steps + all.length) % all.length : steps < 0 ? 0 : all.length - 1;
  show(all[wanted]);
  history.replaceState(history.state, "", address(shown));
}

// Going back in the browser closes it, so closing it otherwise goes back.
function leave() {
  if (history.state?.lightbox) history.back();
  else {
    history.replaceState(null, "", location.pathname + location.search);
    dialog.close();
  }
}

function follow() {
  const link = linkOf(location.hash);
  if (link) show(link);
  else if (dialog.open) dialog.close();
}

function linkOf(hash) {
  const id = /^#picture-(\d+)$/.exec(hash)?.[1];
  return id && document.querySelector(`main a[data-picture="${id}"]`);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("main a[data-picture]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link);
  history.pushState({ lightbox: true }, "", address(link));
});

dialog.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.turn) turn(Number(button.dataset.turn));
  else if (button || event.target === dialog || event.target === frame) leave();
});

dialog.addEventListener("keydown", (event) => {
  if (!(event.key in TURNS) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  turn(TURNS[event.key]);
});

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  leave();
});

// Focus goes to the picture that was looked at last, not to the first.
dialog.addEventListener("close", () => {
  shown?.focus();
  shown?.scrollIntoView({ block: "nearest" });
  frame.replaceChildren();
});

window.addEventListener("popstate", follow);
window.addEventListener("hashchange", follow);
follow();
