// Jobs that are ticked stay so while the list refreshes itself; a new alarm is said once.
import { announce } from "./app.js";
import "./choosing.js";

let alarms = alarmsShown();

function alarmsShown() {
  return [...document.querySelectorAll("[data-alarm]")].map((alarm) => alarm.dataset.alarm);
}

document.addEventListener("fragment:replaced", () => {
  const shown = alarmsShown();
  const fresh = shown.filter((alarm) => !alarms.includes(alarm));
  if (fresh.length) announce(fresh.join(". "));
  alarms = shown;
});
