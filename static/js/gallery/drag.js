// Dragging a card to another place; the buttons on each card do the same for keyboard and touch.

export const ITEM_TYPE = "application/x-gallerist-item";
export const CARDS = ".gallery-item:not(.is-gone)";

/** Calls `dropped(card, place)` with the place from 1 in the whole gallery, or `givenUp()`. */
export function makeDraggable(region, dropped, givenUp) {
  const list = region.querySelector(".gallery-items");
  if (!list) return;
  let dragged = null;
  let before = [];

  for (const card of list.querySelectorAll(CARDS)) card.draggable = true;

  // Text in the number field can be selected only where nothing can be dragged.
  list.addEventListener("pointerdown", (event) => {
    const card = event.target.closest(CARDS);
    if (card) card.draggable = !event.target.closest("form");
  });

  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(CARDS) ?? null;
    if (!dragged) return;
    before = order(list);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData(ITEM_TYPE, dragged.dataset.mediaId);
    dragged.classList.add("is-dragged");
  });

  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    const over = event.target.closest(CARDS);
    if (over && over !== dragged) list.insertBefore(dragged, isBehind(dragged, over) ? over.nextSibling : over);
  });

  list.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const index = order(list).indexOf(dragged);
    const moved = before.indexOf(dragged) !== index;
    const card = settle();
    if (moved) dropped(card, Number(region.dataset.first) + index);
  });

  list.addEventListener("dragend", () => {
    if (dragged && settle()) givenUp();
  });

  function settle() {
    const card = dragged;
    card.classList.remove("is-dragged");
    dragged = null;
    return card;
  }
}

function order(list) {
  return [...list.querySelectorAll(CARDS)];
}

function isBehind(dragged, over) {
  return Boolean(dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING);
}
