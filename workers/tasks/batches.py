"""Background work on uploads of many files."""

from __future__ import annotations

from webapp.models.syncing import brought_to_galleries, first_to_sync, sync_some
from workers.handlers import handles
from workers.stepping import RunningJob, Step


@handles("syncBatch")
def sync_batch(job: RunningJob) -> dict[str, int]:
    """Put what has arrived of a batch into every auto-sync gallery, until nothing is left."""
    batch_id = job.input["batchId"]

    def sync(step: Step) -> dict[str, int]:
        step.begin_effect()
        return sync_some(batch_id, job.id)

    while (first := first_to_sync(batch_id)) is not None:
        # The media rows say what is left to do, so a step that is asked for has not done it.
        job.inline(f"from-{first}", sync, should_restore=False)
    return brought_to_galleries(batch_id, job.id)
