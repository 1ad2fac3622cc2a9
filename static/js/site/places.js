// Which place a picture has on the page, also among those of a long gallery that are not loaded yet.

const PARTS = "main [data-gallery], main a[data-picture]";

/** Counted through all galleries and pictures that stand alone, in the order of the page. */
export function placeOf(link) {
  const parts = [...document.querySelectorAll(PARTS)].filter((part) => isGallery(part) || !galleryOf(part));
  const sizes = parts.map((part) => Number(part.dataset.total ?? 1));
  const own = parts.findIndex((part) => part.contains(link));
  return { place: sum(sizes.slice(0, own)) + placeIn(parts[own], link), total: sum(sizes) };
}

/** Whether its gallery goes on with pictures that are not loaded yet. */
export function isMoreBehind(link) {
  const gallery = galleryOf(link);
  return Boolean(gallery) && linksIn(gallery).at(-1) === link && placeIn(gallery, link) < Number(gallery.dataset.total);
}

function placeIn(part, link) {
  return isGallery(part) ? Number(part.dataset.first) + linksIn(part).indexOf(link) : 1;
}

function linksIn(gallery) {
  return [...gallery.querySelectorAll("a[data-picture]")];
}

function galleryOf(link) {
  return link.closest("[data-gallery]");
}

function isGallery(part) {
  return part.matches("[data-gallery]");
}

function sum(numbers) {
  return numbers.reduce((one, other) => one + other, 0);
}
