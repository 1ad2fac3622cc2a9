// "Load more" above the links to the pages of a long gallery: it fetches the next page and adds its pictures here.
// Who turns the large pictures past the last one asks for the same.

const nav = document.querySelector("nav.turning");
const more = document.createElement("button");
const next = () => nav?.querySelector("a[rel=next]");
let loading = null;

export function canLoadMore() {
  return Boolean(next());
}

/** Whether more pictures came. Who asks again meanwhile waits for the same ones. */
export function loadMore() {
  loading ??= load().finally(() => { loading = null; });
  return loading;
}

async function load() {
  more.disabled = true;
  const came = await fetchNext(next().getAttribute("href"));
  more.disabled = false;
  if (!next()) more.remove();
  return came;
}

async function fetchNext(from) {
  try {
    const answer = await fetch(from);
    if (!answer.ok) throw new Error(answer.statusText);
    const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
    const added = [...fetched.querySelectorAll("[data-gallery]")].flatMap((gallery) => add(gallery, from));
    turn(fetched);
    say(`${added.length} more ${added.length === 1 ? "picture" : "pictures"}`);
    added[0]?.querySelector("a").focus({ preventScroll: true });
    return added.length > 0;
  } catch {
    say("More pictures can't be loaded now. Try again.");
    return false;
  }
}

function add(fetched, from) {
  const gallery = document.querySelector(`[data-gallery="${fetched.dataset.gallery}"]`);
  const items = [...fetched.querySelectorAll(".pictures > li")];
  for (const item of items) {
    item.dataset.from = from;
    item.querySelectorAll("[id]").forEach((part) => { if (document.getElementById(part.id)) part.removeAttribute("id"); });
    gallery?.querySelector(".pictures").append(item);
  }
  gallery?.querySelector(".count").replaceChildren(countOf(gallery, fetched));
  return items;
}

// "Pictures 1–60 of 130" and "Pictures 61–120 of 130" become "Pictures 1–120 of 130".
function countOf(gallery, fetched) {
  const first = gallery.querySelector(".count").textContent.split("–")[0];
  return `${first}–${fetched.querySelector(".count").textContent.split("–")[1]}`;
}

function turn(fetched) {
  const after = fetched.querySelector("nav.turning a[rel=next]");
  if (after) next().setAttribute("href", after.getAttribute("href"));
  else next().replaceWith(document.createElement("span"));
  const here = nav.querySelector("[data-here]");
  const last = fetched.querySelector("nav.turning [data-here]").textContent.replace("Page ", "");
  here.textContent = `Pages ${here.textContent.replace(/^Pages? /, "").split(/[ –]/)[0]}–${last}`;
}

function say(words) {
  document.getElementById("said").textContent = words;
}

function offer() {
  more.type = "button";
  more.className = "more";
  more.textContent = "Load more";
  more.addEventListener("click", loadMore);
  nav.before(more);
}

if (next() && document.querySelector("[data-gallery]")) offer();
