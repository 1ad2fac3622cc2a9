// Single keys that do what a command of the palette does, while nobody is writing. Whoever speaks to the computer, or
// hits keys by accident, switches them off (WCAG 2.1.4); this browser remembers it.

const SETTING = "gallerist.single-keys";
const NEXT_KEY_WITHIN = 1500; // milliseconds
const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file]), textarea, select";
const WORDS = { on: "On. This browser remembers it.", off: "Off. Only Ctrl+K and ⌘K work. This browser remembers it." };

let pressed = "";
let lastPress = 0;

export function listenForKeys(commands, run) {
  const byKeys = new Map(commands.filter(({ dataset }) => dataset.keys).map((one) => [one.dataset.keys, one]));
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event)) return;
    const before = event.timeStamp - lastPress < NEXT_KEY_WITHIN ? `${pressed} ` : "";
    const keys = byKeys.has(before + event.key) ? before + event.key : event.key;
    [pressed, lastPress] = [event.key, event.timeStamp];
    if (!byKeys.has(keys)) return;
    pressed = "";
    event.preventDefault();
    run(byKeys.get(keys));
  });
}

function isShortcut(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || event.defaultPrevented) return false;
  if (event.target.closest?.(FIELDS) || event.target.isContentEditable) return false;
  return !document.querySelector("dialog[open]") && areOn();
}

export function showSwitch(dialog) {
  const box = dialog.querySelector("#palette-keys");
  box.addEventListener("change", () => {
    remember(box.checked);
    say(dialog, box.checked);
  });
  box.checked = areOn();
  say(dialog, box.checked);
}

function say(dialog, on) {
  dialog.querySelector("[data-palette-keys-words]").textContent = WORDS[on ? "on" : "off"];
}

function areOn() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

function remember(on) {
  try {
    localStorage.setItem(SETTING, on ? "on" : "off");
  } catch {
    // then it holds until the next page
  }
}
