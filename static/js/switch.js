// Forms with data-save-at-once are saved as soon as something in them changes, and say so in their data-words.
import { announce } from "./app.js";
import { postJson } from "./post_json.js";

const latest = new WeakMap(); // form → number of its last change; only its answer counts

function prepare(form) {
  for (const button of form.querySelectorAll("[data-without-js]")) button.hidden = true;
  form.addEventListener("change", () => save(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(form);
  });
}

async function save(form) {
  const number = (latest.get(form) ?? 0) + 1;
  latest.set(form, number);
  say(form, "Saving …");
  try {
    const answer = await postJson(form.action, new FormData(form));
    if (latest.get(form) !== number) return;
    keep(form);
    say(form, answer.words);
    announce([answer.words, answer.question].filter(Boolean).join(" "));
    lookAgain(form);
  } catch (error) {
    if (latest.get(form) !== number) return;
    form.reset();
    say(form, error.message);
    announce(error.message);
  }
}

function say(form, words) {
  form.querySelector("[data-words]").textContent = words;
}

// What is saved is what a failed change goes back to.
function keep(form) {
  for (const box of form.querySelectorAll("input[type=checkbox]")) box.defaultChecked = box.checked;
  for (const option of form.querySelectorAll("option")) option.defaultSelected = option.selected;
}

// What the background has to do may be another now: live.js fetches the lines beside the form.
function lookAgain(form) {
  const lines = form.closest(".gallery-settings")?.querySelector(".gallery-work");
  if (lines && form.dataset.statusUrl) lines.dataset.pollUrl = form.dataset.statusUrl;
}

for (const form of document.querySelectorAll("form[data-save-at-once]")) prepare(form);
