// One line a file: its name, how far it is in words, and what can be done about it.

const BUTTONS = {
  waiting: ["cancel"],
  uploading: ["cancel"],
  interrupted: ["retry", "cancel"],
  failed: ["retry"],
  cancelled: ["retry"],
  duplicate: ["open", "anyway"],
};
const LABELS = { cancel: "Cancel", retry: "Try again", open: "Open", anyway: "Upload anyway" };
const LOOKS = { broken: "failed", duplicate: "ready" };

export class Row {
  constructor(entry, act) {
    Object.assign(this, { entry, act });
    this.node = element("li", "upload-row");
    this.name = this.node.appendChild(element("span", "upload-name", entry.file.name));
    this.actions = this.node.appendChild(element("div", "upload-actions"));
    this.bar = this.node.appendChild(element("progress"));
    this.words = this.node.appendChild(element("p", "upload-words"));
    this.needs = this.node.appendChild(element("div", "upload-needs"));
    this.lines = this.node.appendChild(element("div", "upload-lines"));
    this.bar.max = 100;
    this.bar.setAttribute("aria-label", `Upload of ${entry.file.name}`);
  }

  show() {
    const { entry } = this;
    const state = this.state;
    this.node.className = `upload-row is-${LOOKS[state] ?? state}`;
    this.node.dataset.state = state;
    this.bar.hidden = !["uploading", "storing"].includes(entry.state);
    this.bar.value = entry.percent;
    this.words.textContent = wordsFor(state, entry);
    this.words.hidden = this.words.textContent === "Ready." && this.lines.hasChildNodes(); // those say it too
    if (entry.result?.url) this.link(entry.result.url);
    this.showNeeds(entry.result?.needsAlt ?? "");
    this.showButtons(BUTTONS[entry.state] ?? []);
  }

  /** "Uploaded" is not "ready": that takes until the background is done with it. */
  get state() {
    const { entry } = this;
    if (!["uploaded", "restored"].includes(entry.state)) return entry.state;
    if (this.lines.querySelector(".is-failed")) return "broken";
    if (this.lines.querySelector(".is-retrying")) return "retrying";
    return this.lines.querySelector(".is-waiting, .is-working") ? "processing" : "ready";
  }

  /** Whether the background is not done with it. */
  get isMoving() {
    return ["processing", "retrying"].includes(this.state);
  }

  get needsAlt() {
    return Boolean(this.entry.result?.needsAlt);
  }

  showNeeds(html) {
    if (this.shownNeeds !== html) this.needs.innerHTML = this.shownNeeds = html;
  }

  /** What the background does for it, as the server tells it. */
  showLines(html) {
    this.lines.innerHTML = html;
    this.show();
  }

  link(url) {
    const link = this.name.firstElementChild ?? element("a", "", this.entry.file.name);
    link.href = url; // another one, when it was uploaded once more
    if (!link.isConnected) this.name.replaceChildren(link);
  }

  showButtons(wanted) {
    if (wanted.join() === this.shownButtons) return;
    const hadFocus = this.actions.contains(document.activeElement);
    this.shownButtons = wanted.join();
    this.actions.replaceChildren(...wanted.map((what) => this.button(what)));
    if (hadFocus) (this.actions.querySelector("button, a") ?? focusable(this.node)).focus();
  }

  button(what) {
    const isLink = what === "open";
    const button = element(isLink ? "a" : "button", "btn btn-sm btn-outline-secondary", LABELS[what]);
    if (isLink) button.href = this.entry.result.url;
    else button.type = "button";
    button.append(element("span", "visually-hidden", ` ${this.entry.file.name}`));
    if (!isLink) button.addEventListener("click", () => this.act(what, this.entry));
    return button;
  }
}

function wordsFor(state, { percent, words }) {
  switch (state) {
    case "waiting": return "Waiting";
    case "uploading": return `Uploading ${percent} %`;
    case "storing":
    case "checking": return "Uploaded, being checked";
    case "interrupted": return words ? `Failed, will be tried again: ${words}` : "The connection is lost. It goes on by itself.";
    case "processing": return `${words} Processing`;
    case "retrying": return `${words} Something failed, and will be tried again by itself.`;
    case "broken": return `${words} Something failed:`;
    case "ready": return `Ready. ${words.replace("Uploaded.", "")}`.trim();
    case "rejected": return `Rejected: ${words}`;
    case "failed": return words ? `Failed: ${words}` : "Failed";
    case "cancelled": return "Cancelled";
    default: return words;
  }
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function focusable(node) {
  node.tabIndex = -1;
  return node;
}
