// Choosing the focal point by a click on the picture: it fills in the two fields, which are saved as ever.
import { announce } from "./app.js";

const form = document.querySelector("form[data-focal]");

function start() {
  for (const part of document.querySelectorAll("[data-with-js]")) part.hidden = false;
  document.addEventListener("click", (event) => {
    const stage = event.target.closest?.("[data-focal-stage]");
    if (stage) choose(stage, event);
  });
  form.addEventListener("input", mark);
  document.addEventListener("fragment:replaced", prepare); // the picture is another
  prepare();
}

function prepare() {
  picture()?.classList.add("is-clickable");
  mark();
}

function choose(stage, event) {
  const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(stage.getScreenCTM().inverse());
  const { width, height } = stage.viewBox.baseVal;
  form.elements.focal_x.value = percent(place.x / width);
  form.elements.focal_y.value = percent(place.y / height);
  mark();
  const { focal_x: x, focal_y: y } = form.elements;
  announce(`Focal point: ${x.value} % from the left, ${y.value} % from the top. Not saved yet.`);
}

function percent(part) {
  return Math.min(100, Math.max(0, Math.round(part * 100)));
}

// The ring stands where the fields say.
function mark() {
  const box = picture()?.viewBox.baseVal;
  const { focal_x: x, focal_y: y } = form.elements;
  if (!box || !x.checkValidity() || !y.checkValidity()) return;
  picture().firstElementChild.setAttribute("transform", `translate(${(box.width * x.value) / 100} ${(box.height * y.value) / 100})`);
}

function picture() {
  return document.querySelector("[data-focal-stage]");
}

if (form) start();
