// How far an upload is, in numbers and in words. Each number counts what the server has said; none is a difference.

export function countOf(queue, rows) {
  return {
    total: rows.length,
    busy: queue.busy,
    stored: queue.count("uploaded", "restored", "duplicate"),
    uploaded: queue.count("uploaded"),
    restored: queue.count("restored"),
    duplicate: queue.count("duplicate"),
    rejected: queue.count("rejected"),
    failed: queue.count("failed"),
    cancelled: queue.count("cancelled"),
    interrupted: queue.count("interrupted"),
    moving: rows.filter((row) => row.isMoving).length,
    broken: rows.filter((row) => row.state === "broken").length,
    needsAlt: rows.filter((row) => row.needsAlt).length,
  };
}

/** "38 of 40 in the library (37 new, 1 already in the library, 2 rejected). 5 being prepared. 37 need alt text." */
export function summary(counts) {
  const parts = [
    [counts.uploaded, "new"],
    [counts.restored, "back from the trash"],
    [counts.duplicate, "already in the library"],
    [counts.rejected, "rejected"],
    [counts.failed, "failed"],
    [counts.cancelled, "cancelled"],
  ].filter(([count]) => count).map(([count, words]) => `${count} ${words}`);
  const head = `${counts.busy ? "Uploading: " : ""}${counts.stored} of ${counts.total} in the library`;
  const sentences = [
    parts.length ? `${head} (${parts.join(", ")})` : head,
    counts.moving && `${counts.moving} being prepared`,
    counts.broken && `${counts.broken} could not be prepared`,
    counts.needsAlt && `${counts.needsAlt} ${counts.needsAlt === 1 ? "needs" : "need"} alt text`,
  ].filter(Boolean);
  return sentences.length > 1 ? `${sentences.join(". ")}.` : sentences[0];
}
