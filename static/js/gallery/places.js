// The numbers on the cards, without asking the server, when one card is no longer among them.

import { CARDS } from "./drag.js";

/** Number the cards of the region anew; the whole gallery shows `total` pictures. */
export function renumber(region, total) {
  const first = Number(region.dataset.first);
  region.dataset.total = total;
  region.querySelectorAll(CARDS).forEach((card, index) => put(card, first + index, total));
}

// What somebody typed into the field stays there: only what it shows by itself is another number.
function put(card, place, total) {
  const field = card.querySelector("input[name=place]");
  field.defaultValue = place;
  field.max = total;
  for (const step of card.querySelectorAll("[data-step]")) {
    const to = place + Number(step.dataset.step);
    step.value = to;
    step.disabled = to < 1 || to > total;
  }
}
