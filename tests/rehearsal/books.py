"""At the end of the day: is everything there that somebody was told is there, once, and nothing else?"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.rehearsal.people import Person
from tests.rehearsal.production import Production
from tests.support import s3
from webapp.storage import ORIGINALS

MAX_CRASHES = 3  # of a job, after which it is taken for poison


def settle(production: Production, *, in_a_hurry: bool) -> int:
    """Until no job is left. How many were taken for poison, and tried again by a person.

    In a hurry a person has all that waits for its next try tried now, as the minutes would.
    """
    work_off(production, in_a_hurry=in_a_hurry)
    unlucky = production.sql("SELECT id, crashes, error FROM jobs WHERE status = 'failed'")
    for job in unlucky:
        assert job.crashes == MAX_CRASHES, job
        assert production.client().post(f"/api/jobs/{job.id}/retry").status == 200
    work_off(production, in_a_hurry=in_a_hurry)
    assert production.number("SELECT count(*) FROM jobs WHERE status = 'failed'") == 0
    return len(unlucky)


def work_off(production: Production, *, in_a_hurry: bool) -> None:
    """However many jobs are left, and whatever these queue: one more must end each minute."""

    def count(states: str) -> int:
        return production.number(f"SELECT count(*) FROM jobs WHERE status {states} ('queued', 'running')")

    while count("IN"):
        ended = count("NOT IN")
        if in_a_hurry:
            answer = production.client().post("/api/jobs/retry", {"where": {"status": "queued"}})
            assert answer.status == 200, answer
        production.wait_until(lambda: count("NOT IN") > ended or not count("IN"), 60)  # noqa: B023


def balance(production: Production, people: Sequence[Person]) -> list[str]:
    """In words, all that is not as somebody was told."""
    return [
        *pictures(production, people),
        *files(production),
        *items(production, people),
        *direct_uploads(production, people),
        *words(production, people),
    ]


def pictures(production: Production, people: Sequence[Person]) -> Iterable[str]:
    """Each that was answered as stored is there, and nobody's twice."""
    rows = production.sql("SELECT id, filename, is_ready, deleted_at FROM media")
    names = {row.id: row.filename for row in rows}
    for person in people:
        for media_id, number in person.stored.items():
            if names.get(media_id) != f"{number}.jpg":
                yield f"media {media_id} was answered as stored: {number}.jpg is {names.get(media_id)}"
    yield from (f"{name} is there {times} times" for name, times in Counter(names.values()).items() if times > 1)
    yield from (f"media {row.id} has no renditions" for row in rows if not row.is_ready)


def files(production: Production) -> Iterable[str]:
    """Each row has its file, with the bytes that came; also of uploads that nobody was answered."""
    for row in production.sql("SELECT id, storage_key, sha256 FROM media"):
        data = production.server.client.get_object(Bucket=s3.BUCKET, Key=row.storage_key)["Body"].read()
        if hashlib.sha256(data).hexdigest() != row.sha256:
            yield f"the file of media {row.id} is not what was sent"
    there = set(keys_of(production))
    for row in production.sql("SELECT media_id, storage_key FROM renditions"):
        if row.storage_key not in there:
            yield f"a rendition of media {row.media_id} has no file"


def keys_of(production: Production, prefix: str = "") -> Iterable[str]:
    pages = production.server.client.get_paginator("list_objects_v2").paginate(Bucket=s3.BUCKET, Prefix=prefix)
    return (file["Key"] for page in pages for file in page.get("Contents", []))


def files_without_a_row(production: Production) -> int:
    """Of uploads that were cut off between storing and the commit; the product collects them after a day."""
    named = {row.storage_key for row in production.sql("SELECT storage_key FROM media")}
    return len(set(keys_of(production, f"{ORIGINALS}/")) - named)


def items(production: Production, people: Sequence[Person]) -> Iterable[str]:
    """Each picture hangs in each gallery once, and is hidden where somebody hid it."""
    pictures, galleries = (production.number(f"SELECT count(*) FROM {table}") for table in ("media", "blocks"))
    rows = production.sql("SELECT gallery_id, media_id, hidden FROM items")
    if len(rows) != pictures * galleries:
        yield f"{len(rows)} items of {pictures} pictures in {galleries} galleries"
    if len({(row.gallery_id, row.media_id) for row in rows}) != len(rows):
        yield "an item is there twice"
    hidden = {(row.gallery_id, row.media_id) for row in rows if row.hidden}
    answered = {(person.page["galleryId"], media_id) for person in people for media_id in person.hidden}
    perhaps = {(person.page["galleryId"], media_id) for person in people for media_id in person.perhaps_hidden}
    if not answered <= hidden <= answered | perhaps:
        yield f"hidden but shown {answered - hidden}, hidden by nobody {hidden - answered - perhaps}"
    yield from (f"media {seen} was shown just after it was hidden" for p in people for seen in p.shown_although_hidden)


def direct_uploads(production: Production, people: Sequence[Person]) -> Iterable[str]:
    rows = production.sql("SELECT id, fate, media_id FROM direct_uploads")
    fates = {row.id: (row.fate, row.media_id is not None) for row in rows}
    for person in people:
        for upload_id in person.taken:
            if fates.get(upload_id) != ("uploaded", True):
                yield f"direct upload {upload_id} was answered as taken and is {fates.get(upload_id)}"


def words(production: Production, people: Sequence[Person]) -> Iterable[str]:
    """What was answered as saved is saved."""
    alts = {row.id: row.alt for row in production.sql("SELECT id, alt FROM media")}
    titles = {row.id: row.title for row in production.sql("SELECT id, title FROM pages")}
    for person in people:
        for media_id, possible in person.alts.items():
            if alts.get(media_id) not in possible:
                yield f"the words of media {media_id} are {alts.get(media_id)!r}, not of {possible}"
        if titles[person.page["id"]] not in person.titles:
            yield f"the title of page {person.page['id']} is {titles[person.page['id']]!r}, not of {person.titles}"
