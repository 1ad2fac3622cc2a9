// Fragments that fetch themselves: whatever carries data-poll-url is replaced by what that address answers,
// each second at first and each five seconds later, until it comes without a data-poll-url. One that costs the server
// much says with data-poll-every how many milliseconds it takes at least. What lies in data-quiet is not read out:
// something else says how far it is.
import { announce } from "./app.js";

const SOONEST = 1000;
const SLOWEST = 5000;
const TICK = 250;
const AT_ONCE = 4;
const SETTLED = ":is(.is-done, .is-failed, .is-cancelled) > .progress-words";

const waits = new WeakMap(); // fragment → { wait, due }, by a clock that nobody sets
const fetching = new Set();
let settled = []; // what came to rest in this moment

function tick() {
  if (document.hidden) return;
  for (const fragment of document.querySelectorAll("[data-poll-url]")) {
    if (fetching.size >= AT_ONCE) return;
    const state = stateOf(fragment);
    if (state.due <= performance.now() && !fetching.has(fragment)) refresh(fragment, state);
  }
}

function stateOf(fragment) {
  if (!waits.has(fragment)) wait(fragment, soonest(fragment));
  return waits.get(fragment);
}

function soonest(fragment) {
  return Number(fragment.dataset.pollEvery ?? SOONEST);
}

function wait(fragment, milliseconds) {
  waits.set(fragment, { wait: milliseconds, due: performance.now() + milliseconds });
}

async function refresh(fragment, state) {
  fetching.add(fragment);
  const later = Math.max(soonest(fragment), Math.min(SLOWEST, state.wait * 1.4));
  try {
    const response = await fetch(fragment.dataset.pollUrl, { headers: { "X-Fragment": "1" } });
    if (response.redirected || response.status === 401) stop(fragment, "You were signed out.", signInLink());
    else if (response.status === 403 || response.status === 404) stop(fragment, "This is no longer there.");
    else if (response.ok) replace(fragment, await response.text(), later);
    else wait(fragment, SLOWEST);
  } catch {
    wait(fragment, SLOWEST); // the connection is gone; it goes on by itself when it is back
  } finally {
    fetching.delete(fragment);
  }
}

function replace(old, html, later) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const fresh = template.content.firstElementChild;
  if (!fresh || !old.isConnected) return;
  if (saysAndShowsTheSame(old, fresh)) {
    copyTimes(fresh, old);
    return wait(old, later);
  }
  const focused = focusables(old).indexOf(document.activeElement);
  keepOpen(old, fresh);
  old.replaceWith(fresh);
  if (focused >= 0) (focusables(fresh)[focused] ?? focusable(fresh)).focus();
  if (fresh.dataset.pollUrl) wait(fresh, soonest(fresh));
  if (!fresh.closest("[data-quiet]")) newlySettled(old, fresh).forEach(saySettled);
  fresh.dispatchEvent(new CustomEvent("fragment:replaced", { bubbles: true }));
}

// A fragment that says and shows the same is left alone, so that whoever reads or tabs through it is not thrown out.
function saysAndShowsTheSame(old, fresh) {
  const facts = (element) => JSON.stringify([textOf(element), picturesOf(element), element.dataset.pollUrl]);
  return facts(old) === facts(fresh);
}

function picturesOf(element) {
  return [...element.querySelectorAll("img")].map((picture) => picture.getAttribute("src"));
}

function textOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("time").forEach((time) => time.replaceChildren());
  return copy.textContent.replace(/\s+/g, " ");
}

function copyTimes(from, to) {
  const fresh = from.querySelectorAll("time");
  to.querySelectorAll("time").forEach((time, place) => { time.textContent = fresh[place]?.textContent ?? ""; });
}

function keepOpen(old, fresh) {
  const before = [...old.querySelectorAll("details")];
  fresh.querySelectorAll("details").forEach((details, place) => { details.open ||= before[place]?.open ?? false; });
}

function newlySettled(old, fresh) {
  const known = settledWords(old);
  return settledWords(fresh).filter((words) => {
    const place = known.indexOf(words);
    if (place >= 0) known.splice(place, 1);
    return place < 0;
  });
}

function settledWords(element) {
  return [...element.querySelectorAll(SETTLED)].map((words) => words.textContent.trim());
}

// Of many that come to rest at once the same words are said once, with their number.
function saySettled(words) {
  settled.push(words);
  if (settled.length > 1) return;
  setTimeout(() => {
    const times = new Map();
    for (const said of settled) times.set(said, (times.get(said) ?? 0) + 1);
    settled = [];
    announce([...times].map(([said, count]) => (count > 1 ? `${count} times: ${said}` : said)).join(". "));
  }, SOONEST);
}

function focusables(element) {
  return [...element.querySelectorAll("a[href], button, summary, input:not([type=hidden])")];
}

function focusable(element) {
  element.tabIndex = -1;
  return element;
}

function stop(fragment, words, link = "") {
  delete fragment.dataset.pollUrl;
  const line = document.createElement(fragment.matches("ul, ol") ? "li" : "p");
  line.className = "progress-line";
  line.append(words, " ", link);
  fragment.append(line);
  if (!fragment.closest("[data-quiet]")) saySettled(words);
}

function signInLink() {
  const link = document.createElement("a");
  link.href = `/admin/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = "Sign in";
  return link;
}

setInterval(tick, TICK);
document.addEventListener("visibilitychange", tick);
