// What stays while the cards of a gallery are replaced by fresh ones: the place of whoever works with the keyboard,
// and each undo.

const CONTROLS = "a[href]:not([tabindex='-1']), button, input:not([type=hidden])";

/** Change the region; then focus the same control of the same card again, with what was typed there. */
export function keepingFocus(region, change) {
  const focused = document.activeElement;
  const card = region.contains(focused) ? focused.closest("[data-media-id]") : null;
  const number = card ? [...card.querySelectorAll(CONTROLS)].indexOf(focused) : -1;
  const typed = focused?.value !== focused?.defaultValue ? focused?.value : undefined;
  change();
  if (!card) return;
  const fresh = document.getElementById(card.id);
  if (!fresh) return;
  const same = fresh.querySelectorAll(CONTROLS)[number];
  if (same && !same.disabled) {
    same.focus();
    if (typed !== undefined && same.type === "number") same.value = typed;
  } else {
    fresh.querySelector("[data-step]:not(:disabled), input")?.focus();
  }
}

/** Change the region; cards with an undo stay where they were, unless their picture is shown again. */
export function keepingUndos(region, change) {
  const undos = [...region.querySelectorAll(".is-gone")].map((card) => ({ card, before: card.previousElementSibling }));
  change();
  const list = region.querySelector(".gallery-items");
  for (const { card, before } of undos) {
    if (!list || document.getElementById(card.id)) continue;
    const neighbour = before && document.getElementById(before.id);
    if (neighbour) neighbour.after(card);
    else list.prepend(card);
  }
}
