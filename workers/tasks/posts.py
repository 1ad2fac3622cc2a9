"""Background work on posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.models.publishing import NotWanted, publish_scheduled
from workers.handlers import handles
from workers.running import NothingToDo, Running


@handles("publishPost")
def publish_post(job: Running) -> dict[str, Any]:
    """At its moment. A post that is scheduled for another one has another job."""
    job.begin_effect()
    try:
        post = publish_scheduled(job.input["postId"], datetime.fromisoformat(job.input["publishAt"]))
    except NotWanted as reason:
        raise NothingToDo(str(reason)) from None
    return {"postId": post.id, "slug": post.slug}
