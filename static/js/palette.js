// The command palette: Ctrl+K or Cmd+K opens a list that is filtered while one types. Focus stays in the field; the
// arrow keys move through the list.
import { Found } from "./palette/found.js";
import { listenForKeys, showSwitch } from "./palette/shortcuts.js";

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
const commands = list ? [...list.children] : [];
let found;
let active = null;

function start() {
  found = new Found(input.dataset.url, show);
  input.addEventListener("input", filter);
  input.addEventListener("keydown", pressed);
  list.addEventListener("click", ({ target }) => run(target.closest("[role=option]")));
  list.addEventListener("pointermove", ({ target }) => activate(target.closest("[role=option]")));
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it
  dialog.querySelector("[data-palette-close]").addEventListener("click", () => dialog.close());
  for (const button of document.querySelectorAll("[data-palette-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => open());
  }
  document.addEventListener("keydown", openOrClose);
  showSwitch(dialog);
  listenForKeys(commands, run);
  if (["#files", "#q"].includes(location.hash)) document.querySelector(location.hash)?.focus();
}

function openOrClose(event) {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (dialog.open) dialog.close();
  else open();
}

function open({ shortcuts = false } = {}) {
  input.value = "";
  filter();
  dialog.querySelector("details").open = shortcuts;
  if (!dialog.open) dialog.showModal();
  if (shortcuts) dialog.querySelector("summary").focus();
  else input.focus();
}

function filter() {
  found.look(input.value.trim());
  show();
}

function show() {
  const typed = input.value.trim();
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = commands.filter((command) => words.every((word) => command.dataset.words.includes(word)));
  const search = typed ? SEARCHES.map((one) => searchFor(typed, one)) : [];
  list.replaceChildren(...fitting, ...found.options(), ...search);
  activate(list.firstElementChild);
  say(found.problem);
}

const SEARCHES = [
  { id: "pictures", words: "Search pictures for", url: input?.dataset.searchUrl },
  { id: "everything", words: "Search everything for", url: input?.dataset.everythingUrl },
];

function searchFor(typed, { id, words, url }) {
  const option = document.getElementById("palette-search").content.firstElementChild.cloneNode(true);
  option.id = `palette-search-${id}`;
  option.dataset.url = `${url}?q=${encodeURIComponent(typed)}`;
  option.querySelector(".palette-label").textContent = `${words} “${typed}”`;
  return option;
}

function pressed(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const options = [...list.children];
    activate(options.at((options.indexOf(active) + step) % options.length));
    active.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && !event.isComposing) {
    run(active);
  } else {
    return;
  }
  event.preventDefault();
}

function activate(option) {
  if (!option || option === active) return;
  active?.setAttribute("aria-selected", "false");
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  active = option;
}

function run(option) {
  if (!option) return;
  if (option.dataset.does === "shortcuts") return open({ shortcuts: true });
  dialog.close();
  if (!DEEDS[option.dataset.does]?.()) location.assign(option.dataset.url);
}

// What is done on this page, where it can be; otherwise the page is opened where it can.
const DEEDS = {
  upload: () => press(document.querySelector("form[data-upload] input[type=file]")),
  search: () => focus(document.querySelector("main input[type=search]")),
  "sign-out": () => submit(document.getElementById("sign-out")),
};

function press(control) {
  control?.focus();
  control?.click();
  return Boolean(control);
}

function focus(field) {
  field?.focus();
  field?.select();
  return Boolean(field);
}

function submit(form) {
  form?.requestSubmit();
  return Boolean(form);
}

function say(words) {
  dialog.querySelector("[data-palette-words]").textContent = words;
}

if (dialog) start();
