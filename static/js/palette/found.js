// What has the words that were typed, asked of the server a moment after the last key.

const PATIENCE = 150; // milliseconds
const NO_CONNECTION = "Pictures and pages can't be looked up just now.";

export class Found {
  problem = "";

  /** Calls `changed()` when what was found, or the problem with finding it, is another. */
  constructor(url, changed) {
    Object.assign(this, { url, changed, typed: "", found: [] });
  }

  look(typed) {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.typed = typed;
    if (typed) this.timer = setTimeout(() => this.ask(typed), PATIENCE);
    else this.found = [];
  }

  async ask(typed) {
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const headers = { Accept: "application/json" };
      const response = await fetch(`${this.url}?q=${encodeURIComponent(typed)}`, { headers, signal });
      this.found = response.ok ? (await response.json()).found : [];
      this.problem = response.ok ? "" : NO_CONNECTION;
    } catch {
      if (signal.aborted) return;
      this.found = [];
      this.problem = NO_CONNECTION;
    }
    if (!signal.aborted) this.changed();
  }

  /** One each. What was found for the keys before stays until the next answer, so that the list does not flicker. */
  options() {
    return this.found.map(option);
  }
}

function option({ collection, title, words, url }, number) {
  const template = document.getElementById(`palette-found-${collection}`) ?? document.getElementById("palette-found");
  const made = template.content.firstElementChild.cloneNode(true);
  made.id = `palette-found-option-${number}`;
  made.dataset.url = url;
  made.querySelector(".palette-label").textContent = title;
  made.querySelector(".palette-about").textContent = words;
  return made;
}
