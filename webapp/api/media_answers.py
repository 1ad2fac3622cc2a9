"""A media as the API shows it, with what the background did for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for

from webapp.api.fields import Answer
from webapp.api.usage import Usage, uses_of
from webapp.database import db
from webapp.jobs import Job
from webapp.models import progress
from webapp.models.cover import covered_by
from webapp.models.media import Media, Rendition
from webapp.models.post import Post


class JobRef(Answer):
    id: int
    status: str


class FocalPointAnswer(Answer):
    x: int
    y: int


class MediaFacts(Answer):
    id: int
    filename: str
    mime_type: str
    filesize: int
    width: int
    height: int
    sha256: str
    alt: str
    decorative: bool
    needs_alt: bool
    caption: str
    credit: str
    tags: list[str]
    focal_point: FocalPointAnswer
    exif: dict[str, str]
    url: str
    status: str
    created_at: datetime
    job: JobRef | None


class UploadAnswer(MediaFacts):
    duplicate: bool = False
    restored: bool = False


class RenditionAnswer(Answer):
    mime_type: str
    width: int
    height: int
    filesize: int
    url: str


class UsedOn(Answer):
    id: int
    title: str
    slug: str
    galleries: list[int]


class CoverOf(Answer):
    """A post; drafts are among them."""

    id: int
    title: str
    slug: str


class ProgressLine(Answer):
    state: str
    words: str
    job_id: int | None
    at: datetime | None


class MediaAnswer(MediaFacts):
    progress: list[ProgressLine]
    renditions: list[RenditionAnswer]
    synced_galleries: list[int]
    total_synced_galleries: int
    used_on: list[UsedOn]
    total_used_on: int
    cover_of: list[CoverOf]


SAME_NAMES = (
    ("id", "filename", "mime_type", "filesize", "width", "height", "sha256", "created_at", "exif")
    + ("alt", "decorative", "needs_alt", "caption", "credit", "focal_point")
)  # fmt: skip


def facts_of(media: Media, status: str, job: Job | None) -> dict[str, Any]:
    facts = {name: getattr(media, name) for name in SAME_NAMES}
    ref = JobRef(id=job.id, status=job.status) if job else None
    return facts | {"tags": sorted(media.tags), "url": original_url(media), "status": status, "job": ref}


def original_url(media: Media) -> str:
    """Where an editor downloads the file as it came in."""
    return url_for("media.original", media_id=media.id)


def rendition_url(rendition: Rendition) -> str:
    return url_for("site.rendition", name=rendition.name)


def media_answers(many: Sequence[Media]) -> list[MediaAnswer]:
    """In the same order, with a number of queries that does not grow with them."""
    lines = progress.of_many_media(many)
    jobs = newest_syncs(many)
    uses = uses_of([media.id for media in many])
    covered = posts_by_cover([media.id for media in many])
    return [_answer(m, lines[m.id], jobs.get(m.id), uses[m.id], covered[m.id]) for m in many]


def posts_by_cover(media_ids: Sequence[int]) -> dict[int | None, list[Post]]:
    found = defaultdict(list)
    for post in db.session.scalars(covered_by(media_ids)) if media_ids else ():
        found[post.cover_id].append(post)
    return found


def newest_syncs(many: Sequence[Media]) -> dict[int, Job]:
    """By media id the job that last had to put it into the galleries, its own or that of its batch; jobs are pruned."""
    jobs = progress.newest_jobs(many)
    return {media.id: job for media in many if (job := progress.sync_of(jobs[media.id]))}


def _answer(
    media: Media, lines: list[progress.Progress], job: Job | None, usage: Usage, posts: list[Post]
) -> MediaAnswer:
    return MediaAnswer(
        **facts_of(media, progress.media_status(media, lines), job),
        progress=[ProgressLine.model_validate(line) for line in lines],
        renditions=[_rendition(rendition) for rendition in media.renditions],
        synced_galleries=usage.synced,
        total_synced_galleries=usage.total_synced,
        used_on=[
            UsedOn(id=page_id, title=title, slug=slug, galleries=usage.galleries[page_id])
            for page_id, (title, slug) in usage.pages.items()
        ],
        total_used_on=usage.total_pages,
        cover_of=[CoverOf.model_validate(post) for post in posts],
    )


def _rendition(rendition: Rendition) -> RenditionAnswer:
    return RenditionAnswer(
        mime_type=rendition.mime_type,
        width=rendition.width,
        height=rendition.height,
        filesize=rendition.filesize,
        url=rendition_url(rendition),
    )
