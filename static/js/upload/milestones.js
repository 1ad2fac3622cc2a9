// What is read out of an upload: its beginning, each quarter of many files, what went wrong, and its end.
import { announce } from "../app.js";
import { summary } from "./summary.js";

const MANY = 8; // files; of fewer, the end alone is said

export class Milestones {
  quarter = 0;
  was = { busy: false, moving: 0, interrupted: 0, signedOut: false };

  begin(files) {
    this.quarter = 0;
    announce(`Uploading ${files} ${files === 1 ? "picture" : "pictures"}.`);
  }

  look(counts, signedOut) {
    const words = [...this.passed(counts, signedOut)];
    this.was = { ...counts, signedOut };
    if (words.length) announce(words.join(" "));
  }

  *passed(counts, signedOut) {
    const { was } = this;
    if (signedOut && !was.signedOut) yield "You were signed out. Your files are kept. Sign in again.";
    if (counts.interrupted && !was.interrupted) yield "The connection is lost. It goes on by itself.";
    const quarter = Math.floor((4 * counts.stored) / counts.total);
    if (counts.busy && counts.total >= MANY && quarter > this.quarter) {
      this.quarter = quarter;
      yield `${counts.stored} of ${counts.total} in the library.`;
    }
    if (was.busy && !counts.busy) yield summary(counts);
    else if (was.moving && !counts.moving && !counts.busy) {
      yield counts.broken ? summary(counts) : `Everything is prepared. ${summary(counts)}`;
    }
  }
}
