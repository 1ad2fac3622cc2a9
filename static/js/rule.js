// How many pictures a rule matches, counted by the server while it is typed.
import { announce } from "./app.js";

const PAUSE = 350; // milliseconds without a key
const SPOKEN_AFTER = 1200; // somebody who listens hears the end of the typing, not each letter
const NO_COUNT = "The pictures can't be counted now. Saving says what happens.";

function prepare(form) {
  const line = form.querySelector("[data-rule-count]");
  let waiting;
  let speaking;
  let newest = 0;

  for (const button of form.querySelectorAll("[data-without-js]")) button.hidden = true;

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(count, PAUSE);
  });
  form.closest("details").addEventListener("toggle", (event) => {
    if (event.target.open && !line.textContent.trim()) count();
  });

  async function count() {
    const number = ++newest;
    const { ok, words } = await askFor(form);
    if (number !== newest) return;
    line.textContent = words;
    line.classList.toggle("is-wrong", !ok);
    clearTimeout(speaking);
    speaking = setTimeout(() => announce(words), SPOKEN_AFTER);
  }
}

async function askFor(form) {
  const typed = new URLSearchParams(new FormData(form));
  typed.delete("csrf_token");
  try {
    const response = await fetch(`${form.dataset.matchesUrl}?${typed}`, { headers: { Accept: "application/json" } });
    const answer = await response.json();
    return { ok: response.ok, words: answer.words ?? answer.error ?? NO_COUNT };
  } catch {
    return { ok: false, words: NO_COUNT };
  }
}

for (const form of document.querySelectorAll("form[data-rule]")) prepare(form);
