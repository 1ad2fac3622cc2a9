// Ticks outlive the list's refreshing itself; "all on this page" ticks each; a new alarm is said once.
import { announce } from "./app.js";

const ticked = new Set();
let allTicked = false;
let alarms = alarmsShown();

function boxes() {
  return [...document.querySelectorAll("input[form=chosen][name=job]")];
}

function everything() {
  return document.querySelector("#chosen [name=all]");
}

function prepare() {
  const page = document.querySelector("[data-choose-page]");
  if (!page) return;
  page.closest("label").hidden = false;
  for (const box of boxes()) box.checked = ticked.has(box.value);
  everything().checked = allTicked;
  showPage();
}

function remember(box) {
  if (box.checked) ticked.add(box.value);
  else ticked.delete(box.value);
}

function showPage() {
  const page = document.querySelector("[data-choose-page]");
  const checked = boxes().filter((box) => box.checked).length;
  page.checked = checked > 0 && checked === boxes().length;
  page.indeterminate = checked > 0 && !page.checked;
}

function alarmsShown() {
  return [...document.querySelectorAll("[data-alarm]")].map((alarm) => alarm.dataset.alarm);
}

function sayNewAlarms() {
  const shown = alarmsShown();
  const fresh = shown.filter((alarm) => !alarms.includes(alarm));
  if (fresh.length) announce(fresh.join(". "));
  alarms = shown;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-choose-page]")) {
    for (const box of boxes()) {
      box.checked = target.checked;
      remember(box);
    }
  } else if (target === everything()) {
    allTicked = target.checked;
  } else if (target.matches("input[form=chosen][name=job]")) {
    remember(target);
    showPage();
  }
});
document.addEventListener("fragment:replaced", () => {
  prepare();
  sayNewAlarms();
});
// A browser that comes back to this page fills its boxes in by itself.
addEventListener("pageshow", () => {
  boxes().forEach(remember);
  prepare();
});
prepare();
