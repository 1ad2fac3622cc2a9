// A question before what was typed into a form is lost, for forms with data-unsaved. One that comes back because it could
// not be saved says data-unsaved="already". Links with data-discard give up what was typed without a question.
let onPurpose = new Set(); // forms that are being sent, or given up

function forms() {
  return [...document.querySelectorAll("form[data-unsaved]")];
}

function isUnsaved(form) {
  return form.dataset.unsaved === "already" || [...form.elements].some(differs);
}

// From what the server wrote, so that it counts, too, when a browser that comes back fills in what was typed before.
function differs(field) {
  if (field.disabled || !field.name) return false;
  if (field.options) return field.selectedIndex !== chosenBefore(field);
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return "defaultValue" in field && field.value !== field.defaultValue;
}

function chosenBefore({ options }) {
  return Math.max(0, [...options].findIndex((option) => option.defaultSelected));
}

document.addEventListener("submit", ({ target }) => { onPurpose = new Set([target]); });
document.addEventListener("input", () => onPurpose.clear()); // the answer did not come, and somebody goes on typing
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-discard]")) onPurpose = new Set(forms());
});
addEventListener("pageshow", () => onPurpose.clear());
addEventListener("beforeunload", (event) => {
  if (forms().some((form) => isUnsaved(form) && !onPurpose.has(form))) event.preventDefault();
});
