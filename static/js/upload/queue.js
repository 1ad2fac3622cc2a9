// The line of files: some at once, each tried until the server has said what became of it.
import { goesDirectly, sendDirectly } from "./direct.js";
import { send } from "./send.js";
import { renewToken } from "./session.js";

const AT_ONCE = 3;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
const SIGNED_OUT_WAIT = 5000;
const UNSETTLED = new Set(["waiting", "uploading", "storing", "checking", "interrupted"]);

/** Calls `changed(entry)` whenever something about a file is new. An entry's `result` is the server's word on it. */
export class Queue {
  entries = [];
  signedOut = false;

  /** `direct` says how files go straight to a bucket, if there is one: {url, checkUrl, types}. */
  constructor({ url, direct, fields, maxBytes, changed }) {
    Object.assign(this, { url, direct, fields, maxBytes, changed });
    addEventListener("online", () => this.goOn());
    addEventListener("focus", () => this.signedOut && this.signInAgain());
  }

  add(files) {
    const batch = newBatch([...files].filter((file) => file.size <= this.maxBytes));
    const added = [...files].map((file) => ({
      file, state: "waiting", tries: 0, percent: 0, more: {}, batch: batch.get(file) ?? {},
    }));
    this.entries.push(...added);
    for (const entry of added) {
      if (entry.file.size > this.maxBytes) this.set(entry, "rejected", { words: tooLarge(entry.file, this.maxBytes) });
      else this.set(entry, "waiting");
    }
    this.next();
  }

  /** Nothing of these is known any more. */
  forget() {
    this.entries = [];
  }

  retry(entry, more = {}) {
    Object.assign(entry, { tries: 0, more, result: null });
    this.set(entry, "waiting");
    this.next();
  }

  cancel(entry) {
    clearTimeout(entry.timer);
    if (entry.sending) entry.sending.cancel();
    else this.set(entry, "cancelled");
  }

  count(...states) {
    return this.entries.filter((entry) => states.includes(entry.state)).length;
  }

  get busy() {
    return this.entries.some((entry) => UNSETTLED.has(entry.state));
  }

  next() {
    while (!this.signedOut && this.count("uploading", "storing") < AT_ONCE) {
      const entry = this.entries.find((one) => one.state === "waiting");
      if (!entry) return;
      this.upload(entry);
    }
  }

  async upload(entry) {
    this.set(entry, "uploading", { percent: 0, words: "" });
    let answer = await this.begin(entry, this.direct && goesDirectly(entry.file, this.direct.types) ? sendDirectly : send);
    if (answer.fallBack) {
      this.direct = null; // it would fail for the others too, each after it was sent in vain
      this.set(entry, "uploading", { percent: 0 });
      answer = await this.begin(entry, send);
    }
    entry.sending = null;
    this.take(entry, answer);
    this.next();
  }

  begin(entry, how) {
    entry.sending = how(entry.file, {
      url: this.url,
      direct: this.direct,
      fields: { ...this.fields, ...entry.batch, ...entry.more },
      onProgress: (part) => this.set(entry, part < 1 ? "uploading" : "storing", { percent: Math.floor(part * 100) }),
      onChecking: () => {
        this.set(entry, "checking");
        this.next(); // it waits for the background, and nobody for it
      },
    });
    return entry.sending.answer;
  }

  take(entry, answer) {
    const { result, batchStatusUrl } = answer;
    if (result) this.set(entry, result.state, { result, words: result.words, batchStatusUrl });
    else if (answer.cancelled) this.set(entry, "cancelled");
    else if (answer.refused) this.set(entry, "failed", { words: answer.refused });
    else if (answer.signedOut) this.waitForSignIn(entry);
    else if (answer.stale) this.withNewToken(entry, answer.words);
    else this.waitForConnection(entry, answer.words);
  }

  waitForConnection(entry, words) {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** entry.tries++);
    this.set(entry, "interrupted", { words: words || "" });
    entry.timer = setTimeout(() => this.again(entry), wait);
  }

  again(entry) {
    if (entry.state !== "interrupted") return;
    if (navigator.onLine) {
      this.set(entry, "waiting");
      this.next();
    } else {
      entry.timer = setTimeout(() => this.again(entry), LONGEST_WAIT);
    }
  }

  /** The connection is back: nobody waits any longer. */
  goOn() {
    for (const entry of this.entries.filter((one) => one.state === "interrupted")) {
      clearTimeout(entry.timer);
      this.again(entry);
    }
  }

  waitForSignIn(entry) {
    const first = !this.signedOut;
    this.signedOut = true;
    this.set(entry, "waiting");
    if (first) setTimeout(() => this.signInAgain(), SIGNED_OUT_WAIT);
  }

  async signInAgain() {
    if (!this.signedOut) return;
    if (await renewToken()) {
      this.signedOut = false;
      for (const entry of this.entries) this.changed(entry);
      this.next();
    } else {
      clearTimeout(this.asking);
      this.asking = setTimeout(() => this.signInAgain(), SIGNED_OUT_WAIT);
    }
  }

  // Somebody signed in anew in another tab: the form of this page needs the token of that session, once.
  async withNewToken(entry, words) {
    if (entry.renewed || !(await renewToken())) return this.set(entry, "failed", { words });
    entry.renewed = true;
    this.set(entry, "waiting");
    this.next();
  }

  set(entry, state, values = {}) {
    Object.assign(entry, { state }, values);
    this.changed(entry);
  }
}

// What the server knows many files of one drop by: a key that nobody else has, how many come, and which one this is.
function newBatch(files) {
  if (files.length < 2) return new Map();
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return new Map(files.map((file, number) => [file, { batch: key, batch_files: files.length, batch_number: number }]));
}

function tooLarge(file, limit) {
  const size = Math.max(Math.round(file.size / 1048576), Math.round(limit / 1048576) + 1);
  return `${file.name} is ${size} MB. The limit is ${Math.round(limit / 1048576)} MB. Export a smaller copy and try again.`;
}
