"""Background work on galleries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from webapp.models import backfill, drift, reconcile
from webapp.models.sync_one import sync_media
from workers.handlers import handles
from workers.running import NothingToDo, Running
from workers.stepping import RunningJob, Step


@handles("syncMediaToGalleries")
def sync_media_to_galleries(job: Running) -> dict[str, int]:
    """Put one media into every auto-sync gallery."""
    media_id = job.input["mediaId"]
    job.begin_effect()
    try:
        pages, galleries = sync_media(media_id, job.id)
    except LookupError:
        raise NothingToDo("The picture was deleted before it was synced.") from None
    return {"pagesUpdated": pages, "galleriesUpdated": galleries, "mediaId": media_id}


@handles("backfillGallery")
def backfill_gallery(job: RunningJob) -> dict[str, int]:
    """Add what the library held before auto-sync was switched on, in chunks, for as long as it stays on."""
    gallery_id = job.input["galleryId"]
    if "undone" in job.meta:
        raise NothingToDo("It was undone. Add the pictures anew from the gallery.")
    planned = job.inline(backfill.PLAN, partial(_plan, gallery_id))
    chunks = [
        job.inline(f"from-{start}", partial(_add_chunk, gallery_id, planned, number))
        for number, start in enumerate(planned["starts"])
    ]
    return {"galleryId": gallery_id, "added": sum(chunk["added"] for chunk in chunks)}


def _plan(gallery_id: int, step: Step) -> dict[str, Any]:
    step.begin_effect()
    with _cancelled_when_closed():
        return backfill.plan(gallery_id)


def _add_chunk(gallery_id: int, planned: dict[str, Any], number: int, step: Step) -> dict[str, int]:
    step.begin_effect()
    with _cancelled_when_closed():
        return {"added": backfill.add_chunk(gallery_id, step.id, planned, number)}


@contextmanager
def _cancelled_when_closed() -> Iterator[None]:
    try:
        yield
    except LookupError:
        raise NothingToDo("The gallery was deleted.") from None
    except backfill.AutoSyncOff:
        raise NothingToDo("Auto-sync was switched off.") from None


@handles("reconcileGallery")
def reconcile_gallery(job: RunningJob) -> dict[str, int]:
    """Add what matches the gallery's rule now, in portions, and take away what no longer does."""
    gallery_id = job.input["galleryId"]
    after: int | None = 0
    while after is not None:
        # The items say what is left to do, so a step that is asked for has not done it.
        portion = job.inline(f"after-{after}", partial(_add_some, gallery_id, after), should_restore=False)
        after = portion["last"]
    removed = job.inline("take-out", partial(_take_out, gallery_id), should_restore=False)["removed"]
    return {"galleryId": gallery_id, "added": reconcile.brought(gallery_id, job.id), "removed": removed}


def _add_some(gallery_id: int, after: int, step: Step) -> dict[str, int | None]:
    step.begin_effect()
    with _cancelled_when_closed():
        return reconcile.add_some(gallery_id, step.id, after)


def _take_out(gallery_id: int, step: Step) -> dict[str, int]:
    step.begin_effect()
    with _cancelled_when_closed():
        return {"removed": reconcile.take_out(gallery_id)}


@handles("reconcileMedia")
def reconcile_media(job: Running) -> dict[str, int]:
    """Put pictures that were changed, or came back from the trash, where they belong."""
    job.begin_effect()
    return reconcile.reconcile_media(job.input["mediaIds"], job.id)


@handles("checkDrift")
def check_drift(job: Running) -> dict[str, int]:
    """Count the items that should be there and are not, and add them."""
    missing = drift.count_missing()
    if missing == 0:
        return {"missing": 0, "mended": 0}
    job.begin_effect()
    return {"missing": missing, "mended": drift.mend(job.id)}
