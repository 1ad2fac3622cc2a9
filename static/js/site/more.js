// "Load more" above the links to the pages of a long gallery: it fetches the next page and adds its pictures here.

const nav = document.querySelector("nav.turning");
const next = () => nav?.querySelector("a[rel=next]");

function button() {
  const more = document.createElement("button");
  more.type = "button";
  more.className = "more";
  more.textContent = "Load more";
  more.addEventListener("click", () => load(more));
  return more;
}

async function load(more) {
  const from = next().getAttribute("href");
  more.disabled = true;
  try {
    const answer = await fetch(from);
    if (!answer.ok) throw new Error(answer.statusText);
    const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
    const added = [...fetched.querySelectorAll("[data-gallery]")].flatMap((gallery) => add(gallery, from));
    turn(fetched);
    say(`${added.length} more ${added.length === 1 ? "picture" : "pictures"}`);
    added[0]?.querySelector("a").focus({ preventScroll: true });
  } catch {
    say("More pictures can't be loaded now. Try again.");
  }
  more.disabled = false;
  if (!next()) more.remove();
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

if (next() && document.querySelector("[data-gallery]")) nav.before(button());
