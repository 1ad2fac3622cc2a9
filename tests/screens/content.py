"""What the screens of the table show: the demo, and rows in every state that a screen is about."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from werkzeug.datastructures import FileStorage

from tests.support.people import PASSWORD
from tests.support.site import Site
from webapp.database import transaction, utcnow
from webapp.demo.content import make_content
from webapp.demo.pictures import draw
from webapp.demo.scenes import Scene
from webapp.jobs.job import Job, JobLog
from webapp.models.batch import REJECTED, Place, open_batch, record
from webapp.models.finding_related import related
from webapp.models.gallery import set_hidden, shown_items
from webapp.models.media import Media, trash_media
from webapp.models.page import Page, create_page, trash_page
from webapp.models.post import create_post, trash_post
from webapp.models.user import VIEWER, create_user
from webapp.models.webhook import DELIVER, create_webhook, switch_webhook
from webapp.storage import incoming_file
from webapp.uploads import take_upload

FULL, DRAFT = "Latest pictures", "Summer fair"  # pages of the demo
VIEWER_EMAIL = "vera@example.org"
PATIENCE = 180  # seconds until the workers have done everything
ARTICLE = """\
# By hand, and by itself

A gallery is hung **by hand** or *by itself*. See [the newest pictures](/latest-pictures).

- pictures that match its rule
- pictures that were added by hand

> Shown is what matches, and what was added, without what was hidden.

| what | who |
|---|---|
| hide | an editor |
| sync | the background |

```
make run
```
"""
Places = dict[str, Any]  # the names that paths of the table use


def fill(site: Site, scenes: Sequence[Scene]) -> Places:
    """Draw these pictures of the demo and wait until they hang; then add what else the screens show."""
    with site.rows():
        make_content(scenes)
        batch = a_batch()
        trash_page(create_page("Winter market").id)
        related_slug = alike_posts()
        create_user(VIEWER_EMAIL, PASSWORD, VIEWER)
    wait_for_workers(site)
    with site.rows() as session:
        places = {"batch": batch, "related_slug": related_slug, "similar": with_similar(session)}
        places |= galleries(session) | jobs(session)
        return places | posts(places["picture"])


def alike_posts() -> str:
    """The slug of one; the other is about the same."""
    texts = {
        "How high a picture hangs": "Its middle hangs where most eyes look: a metre and a half above the floor.",
        "Hanging pictures on a wall, at the height of the eyes": "Measure up to the middle of each picture.",
    }
    return [create_post(title, body=body, status="published").slug for title, body in texts.items()][0]


def with_similar(session: Any) -> int:
    """A picture that others are like."""
    ids = session.scalars(select(Media.id).order_by(Media.id))
    return next(each for each in ids if related("media", each, 1, to_everybody=False))


def galleries(session: Any) -> Places:
    """The page that hangs itself, with one picture hidden and one in the trash; and a draft without pictures."""
    page, draft = (session.scalars(select(Page).where(Page.title == title)).one() for title in (FULL, DRAFT))
    gallery, empty_gallery = page.blocks[1].id, draft.blocks[1].id
    first, *_, trashed, hidden = (item.media_id for item in session.scalars(shown_items(gallery)))
    set_hidden(gallery, hidden, True)
    trash_media(trashed)
    pictures = {"picture": first, "trashed": trashed, "gallery": gallery, "empty_gallery": empty_gallery}
    return pictures | {"page": page.id, "slug": page.slug, "draft": draft.id}


def posts(cover_id: int) -> Places:
    """One that is published, one that waits for its moment, and one in the trash."""
    published = create_post("How we hang", body=ARTICLE, cover_id=cover_id, tags=["news", "sea"], status="published")
    later = create_post(
        "The fair in July", body="Fireworks.", status="scheduled", publish_at=datetime(2999, 7, 1, 18, tzinfo=UTC)
    )
    trashed = create_post("Winter market", body="It is over.")
    trash_post(trashed.id)
    places = {"post": published.id, "post_slug": published.slug}
    return places | {"scheduled_post": later.id, "trashed_post": trashed.id}


def a_batch() -> int:
    batch = open_batch(str(uuid4()), 3)
    for number, name in enumerate(("harbour.jpg", "a-very-long-name-of-a-picture-from-a-camera-20261124-101520.jpg")):
        incoming = incoming_file()
        incoming.write(draw("sea at dawn", 1200, 800, seed=1000 + number))
        file = FileStorage(stream=incoming, filename=name)  # type: ignore[arg-type]
        take_upload(file, place=Place(batch.id, number))
        incoming.close()
    words = "notes.png isn't a picture we can read (it looks like SVG). Use JPEG, PNG, WebP, AVIF, GIF or HEIC."
    record(Place(batch.id, 2), "notes.png", REJECTED, words, None)
    return batch.id


def wait_for_workers(site: Site) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with site.rows() as session:
            if not session.scalar(select(Job.id).where(Job.status.in_(("queued", "running"))).limit(1)):
                return
        assert time.monotonic() < deadline, site.output[-5000:]
        time.sleep(0.3)


def jobs(session: Any) -> Places:
    """One in each state that the workers leave alone, and a webhook with its deliveries."""
    media_id = session.scalar(select(Media.id).limit(1))
    about = {"task_slug": "syncMediaToGalleries", "input": {"mediaId": media_id}, "subject": f"media:{media_id}"}
    now, later = utcnow(), utcnow() + timedelta(hours=2)
    error = "ConnectionError: the connection to 10.0.0.7 was refused\n  in webapp/storage.py, line 80"
    failed = add_job(about, status="failed", error=error, total_tried=3, started_at=now, completed_at=now)
    for attempt, event in enumerate(("failed", "crashed", "failed"), 1):
        line = {"message": error, "worker": "worker-1", "started_at": now, "at": now + timedelta(seconds=attempt)}
        session.add(JobLog(job_id=failed, event=event, attempt=attempt, **line))
    leased = {"token": "a" * 32, "lease_until": later, "started_at": now}
    running = add_job(about | {"queue": "images", "task_slug": "makeRenditions"}, status="running", **leased)
    add_job(about, wait_until=later, error="TimeoutError: no answer", total_tried=2)
    add_job(about, status="cancelled", error="Stopped by ann.", completed_at=now)
    return {"failed_job": failed, "running_job": running, "webhook": a_webhook()}


def add_job(about: dict[str, Any], **values: Any) -> int:
    with transaction() as session:
        row = {"queue": "default", "meta": {}} | about | values
        return int(session.execute(insert(Job).values(row)).inserted_primary_key[0])


def a_webhook() -> int:
    """Switched off, so that nobody is called."""
    create_webhook("https://hooks.example.org/a/very/long/address/of/another/program?and=query", ["page.published"])
    webhook = create_webhook("https://news.example.org/hook", ["media.synced", "job.failed"])
    switch_webhook(webhook.id, False, reason="It answered 410 Gone, which means that it wants nothing more.")
    for status, error in (("succeeded", None), ("failed", "The other program answered 500.")):
        values = {"webhookId": webhook.id, "event": "media.synced", "payload": {}, "deliveryId": f"msg_{status}"}
        about = {"task_slug": DELIVER, "input": values, "subject": webhook.subject}
        add_job(about, status=status, reason=error, error=error, started_at=utcnow(), completed_at=utcnow())
    return webhook.id
