// How many pictures the library has: one more with each that the server says it has taken.
const GREW = ["uploaded", "restored"];

export function countWith({ state }) {
  if (GREW.includes(state)) document.querySelectorAll("[data-total]").forEach(addOne);
}

function addOne(place) {
  const total = Number(place.dataset.total) + 1;
  place.dataset.total = total;
  const [one, many] = (place.dataset.words ?? "").split("|");
  const words = total === 1 ? one : many;
  place.textContent = [total.toLocaleString("en"), words].filter(Boolean).join(" ");
}
