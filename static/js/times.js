// "3 minutes ago" stays true while the page is open, in the words of webapp/template_helpers.py. The clock is the
// server's: this machine's may be wrong.
const EVERY = 5000;
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
const LONGEST = 14 * 86_400; // seconds
const CLOCKS_DIFFER = 1; // seconds, by which what has just happened may seem to be still to come

const ahead = Date.parse(document.querySelector("meta[name=now]").content) - Date.now();

/** A moment that is so many seconds ago, or to come when they are less than 0; null when its day says more. */
export function ago(seconds) {
  if (Math.abs(seconds) < 5) return seconds <= -CLOCKS_DIFFER ? "in a moment" : "just now";
  if (Math.abs(seconds) > LONGEST) return null;
  return seconds > 0 ? `${duration(seconds)} ago` : `in ${about(-seconds)}`;
}

/** Rounded: what is deleted in 7 days is not so in 6 as soon as a second has gone. */
function about(seconds) {
  const [, size] = UNITS.find(([, size]) => seconds >= size);
  return duration(seconds + size / 2);
}

function duration(seconds) {
  const [name, size] = UNITS.find(([, size]) => seconds >= size);
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

function tell(time) {
  const words = ago((Date.now() + ahead - Date.parse(time.dateTime)) / 1000) ?? day(time);
  if (words !== time.textContent) time.textContent = words;
}

function day(time) {
  return time.title.split(",")[0];
}

function tellAll() {
  if (!document.hidden) document.querySelectorAll("time[data-ago]").forEach(tell);
}

setInterval(tellAll, EVERY);
document.addEventListener("visibilitychange", tellAll);
addEventListener("pageshow", tellAll);
