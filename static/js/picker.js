// How many pictures are ticked, with those that its list does not hold now; the server says it without a script.
const words = document.querySelector("[data-picked]");

function show() {
  const here = document.querySelectorAll(".picker :checked").length;
  const elsewhere = Number(words.dataset.picked);
  const more = elsewhere ? `, ${elsewhere.toLocaleString("en")} of them not in this list` : "";
  words.textContent = here + elsewhere ? `${(here + elsewhere).toLocaleString("en")} ticked${more}` : "";
}

if (words) {
  words.closest("form").addEventListener("change", show);
  addEventListener("pageshow", show); // a browser that comes back here may have ticks of its own
}
