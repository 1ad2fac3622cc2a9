// Ticking rows: ticks outlive a list that refreshes itself, Shift ticks all from the last one, one box ticks the page.
import { announce } from "./app.js";

const ticked = new Set();
let allTicked = false;
let last = null; // the value of the box that was clicked before

function boxes() {
  return [...document.querySelectorAll("input[form=chosen][type=checkbox]")];
}

function form() {
  return document.getElementById("chosen");
}

function pageBox() {
  return document.querySelector("[data-choose-page]");
}

function everything() {
  return document.querySelector("#chosen [name=all]");
}

function prepare() {
  if (!pageBox()) return;
  pageBox().closest("label").hidden = false;
  for (const box of boxes()) box.checked = ticked.has(box.value);
  if (everything()) everything().checked = allTicked;
  form().hidden = !boxes().length;
  show();
}

function remember(box) {
  if (box.checked) ticked.add(box.value);
  else ticked.delete(box.value);
}

function show() {
  const checked = boxes().filter((box) => box.checked).length;
  pageBox().checked = checked > 0 && checked === boxes().length;
  pageBox().indeterminate = checked > 0 && !pageBox().checked;
  form().classList.toggle("has-none", !checked && !allTicked);
  const words = form().querySelector("[data-chosen-count]");
  if (words) words.textContent = wordsFor(checked);
}

function wordsFor(checked) {
  if (allTicked) return "All selected";
  return checked ? `${checked.toLocaleString("en")} selected` : "";
}

function tick(some, checked) {
  for (const box of some) {
    box.checked = checked;
    remember(box);
  }
  show();
  announce(wordsFor(ticked.size) || "None selected");
}

function upTo(box) {
  const all = boxes();
  const from = all.findIndex((one) => one.value === last);
  const to = all.indexOf(box);
  return from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches("input[form=chosen][type=checkbox]")) return;
  if (event.shiftKey && last !== null) tick(upTo(box), box.checked);
  last = box.value;
});
document.addEventListener("change", ({ target }) => {
  if (target === pageBox()) {
    tick(boxes(), target.checked);
  } else if (target === everything()) {
    allTicked = target.checked;
    show();
  } else if (target.matches("input[form=chosen][type=checkbox]")) {
    remember(target);
    show();
  }
});
document.addEventListener("fragment:replaced", prepare);
document.addEventListener("upload:added", prepare);
// What is ticked already: by the server or a browser that comes back here, or by somebody quicker than this script.
function begin() {
  boxes().forEach(remember);
  allTicked = everything()?.checked ?? false;
  prepare();
}

addEventListener("pageshow", begin);
begin();
