"""Everything that can run in the background, on one page.

The web process knows a task by its slug here; `workers/tasks` supplies the function that does it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from webapp.jobs.policy import Backoff, Concurrency, Input, Queue, Schedule, Task, Workflow


class MediaInput(Input):
    mediaId: int = Field(gt=0)  # noqa: N815  # the outside contract is camelCase


class DeliverWebhookInput(Input):
    webhookId: int = Field(gt=0)  # noqa: N815
    event: str
    payload: dict[str, Any]
    deliveryId: str  # noqa: N815  # the same at every try, so that the receiver can tell a repetition


class BatchInput(Input):
    batchId: int = Field(gt=0)  # noqa: N815


class GalleryInput(Input):
    galleryId: int = Field(gt=0)  # noqa: N815


class ManyMediaInput(Input):
    mediaIds: list[int] = Field(min_length=1, max_length=1000)  # noqa: N815


class DirectUploadInput(Input):
    uploadId: int = Field(gt=0)  # noqa: N815


class PublishPostInput(Input):
    postId: int = Field(gt=0)  # noqa: N815
    publishAt: AwareDatetime  # noqa: N815  # a post that is scheduled for another moment is left alone


class FilesInput(Input):
    keys: list[str] = Field(min_length=1, max_length=500)


class ExportInput(Input):
    exportId: int = Field(gt=0)  # noqa: N815


class SearchCheckInput(Input):
    deep: bool = False  # every document is read, and everything in the store


CollectionName = Literal["media", "pages", "posts"]  # of documents that are found by meaning


class DocumentInput(Input):
    docId: int = Field(gt=0)  # noqa: N815
    collection: CollectionName


QUEUES = {queue.name: queue for queue in (Queue("default"), Queue("images", isolated=True))}

CATALOG: dict[str, Task] = {}


def declare(work: Task) -> Task:
    """Add a task or workflow; its slug must be new and its queue one of QUEUES."""
    if work.slug in CATALOG:
        raise ValueError(f"{work.slug} is declared twice")
    for queue in (work.queue, *(schedule.queue for schedule in work.schedules if schedule.queue)):
        if queue not in QUEUES:
            raise ValueError(f"{work.slug}: there is no queue called {queue!r}")
    CATALOG[work.slug] = work
    return work


declare(Task("syncMediaToGalleries", "Add a picture to every auto-sync gallery", MediaInput, retries=5))
# So many that it outlives a storage that is away for some minutes: they wait for ten in all.
declare(Task("makeRenditions", "Make the renditions of a picture", MediaInput, queue="images", retries=6))
declare(
    Task(
        "takeDirectUpload",
        "Check a file that was sent to the bucket, and take it into the library",
        DirectUploadInput,
        queue="images",
        retries=5,
        priority=5,  # somebody looks at how far it is, and renditions come only after it
        internal=True,  # of an upload that is complete
    )
)
declare(
    Task(
        "makeAvifRenditions",
        "Make the AVIF renditions of a picture",
        MediaInput,
        queue="images",
        retries=3,
        priority=-5,  # each picture appears first, in formats that are made sooner
        concurrency=Concurrency(lambda given: f"avif:{given['mediaId']}", joins=True),
    )
)
declare(
    Task(
        "deliverWebhook",
        "Tell another program",
        DeliverWebhookInput,
        queue="images",  # a receiver that keeps silent must hold up no sync
        retries=8,
        backoff=Backoff(first=30, cap=3600),
        internal=True,  # it signs what it is given
    )
)
declare(
    Workflow(
        "syncBatch",
        "Add the pictures of an upload to every auto-sync gallery",
        BatchInput,
        retries=5,
        concurrency=Concurrency(lambda given: f"batch:{given['batchId']}", joins=True),
    )
)
declare(
    Workflow(
        "backfillGallery",
        "Add the pictures of the library to a gallery",
        GalleryInput,
        retries=5,
        concurrency=Concurrency(lambda given: f"backfill:{given['galleryId']}", joins=True),
    )
)
declare(
    Workflow(
        "reconcileGallery",
        "Bring a gallery in line with its rule",
        GalleryInput,
        retries=5,
        concurrency=Concurrency(lambda given: f"reconcile:{given['galleryId']}", joins=True),
    )
)
declare(
    Task(
        "reconcileMedia",
        "Put changed pictures where they belong by the rules",
        ManyMediaInput,
        retries=5,
        concurrency=Concurrency(lambda given: f"reconcile-media:{given['mediaIds']}", joins=True),
    )
)
declare(
    Task(
        "publishPost",
        "Publish a post at its moment",
        PublishPostInput,
        retries=5,
        priority=5,  # people were promised the minute
        moment="publishAt",
        internal=True,  # of a post that is saved: a job of another moment would replace the one that is wanted
        concurrency=Concurrency(lambda given: f"publish-post:{given['postId']}", supersedes=True),
    )
)
declare(
    Task(
        "checkDrift",
        "Look for galleries that should hold a picture and do not",
        retries=3,
        schedules=(Schedule("17 * * * *"),),
    )
)
declare(
    Task(
        "collectOrphanFiles",
        "Delete files that nothing names any more",
        queue="images",
        retries=3,
        schedules=(Schedule("47 3 * * *"),),
    )
)
declare(
    Task(
        "deleteFiles",
        "Delete the files of pictures that are gone",
        FilesInput,
        queue="images",
        retries=5,
        priority=-10,  # new pictures come first
        internal=True,  # of rows that were deleted in the transaction that asked for it
    )
)
declare(
    Task(
        "exportLibrary",
        "Put pictures or their facts into one file",
        ExportInput,
        queue="images",  # it may take an hour, in which no sync is held up
        retries=3,
        timeout=6 * 3600,
        priority=-10,  # new pictures come first
        concurrency=Concurrency(lambda _given: "export"),  # one at a time: each needs room on the disk
        internal=True,  # of the row that somebody asked for
    )
)
ONE_DOCUMENT = Concurrency(  # one key for both, so that what is written and what is removed come one after the other
    lambda given: f"vector:{given['collection']}:{given['docId']}", supersedes=True
)
# They go behind every sync and every rendition. On this queue a process goes from one to the next, and so loads the
# model once for many; where a server elsewhere embeds or keeps vectors, they are queued on the other, as it may keep
# silent.
declare(
    Task(
        "vector-upsert",
        "Let a document be found by meaning",
        DocumentInput,
        retries=3,
        backoff=Backoff(first=20),
        priority=-5,
        concurrency=ONE_DOCUMENT,
    )
)
declare(
    Task(
        "vector-delete",
        "Let a document no longer be found by meaning",
        DocumentInput,
        retries=3,
        priority=-5,
        concurrency=ONE_DOCUMENT,
    )
)
declare(
    Workflow(
        "search-reindex",
        "Build the index for search by meaning anew",
        retries=5,
        backoff=Backoff(first=20),
        timeout=6 * 3600,
        priority=-10,  # what is changed meanwhile comes first
        concurrency=Concurrency(lambda _given: "search-reindex", joins=True),
    )
)
declare(
    Task(
        "search-check",
        "Look for documents that should be found by meaning and are not",
        SearchCheckInput,
        queue="images",  # it may ask a store elsewhere
        retries=3,
        priority=-10,
        schedules=(
            Schedule("37 * * * *"),
            Schedule("7 4 * * *", input={"deep": True}, label="Read every document, and look whether meaning finds it"),
        ),
    )
)


class UnknownTask(ValueError):
    """There is no task or workflow of that slug; the message names those there are."""


def find(slug: str) -> Task:
    """Raises UnknownTask."""
    try:
        return CATALOG[slug]
    except KeyError:
        known = ", ".join(sorted(CATALOG))
        raise UnknownTask(f"There is no task called {slug!r}. There are: {known}.") from None


def tasks() -> list[Task]:
    return [work for work in CATALOG.values() if not isinstance(work, Workflow)]


def workflows() -> list[Task]:
    return [work for work in CATALOG.values() if isinstance(work, Workflow)]
