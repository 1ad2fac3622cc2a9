"""Small tasks and workflows for tests, and effects that can be counted over all processes.

A Product made `with_test_tasks` knows those of `install()` in all of its processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import Field
from sqlalchemy import Column, MetaData, String, Table, event, insert, select
from sqlalchemy.orm import Session

from webapp.database import BigId, db, transaction
from webapp.jobs import Concurrency, Input, Queue, Task, Workflow, declare, queue
from webapp.jobs.catalog import CATALOG, QUEUES
from webapp.models.page import Page
from workers.handlers import HANDLERS, ON_FAIL, ON_SUCCESS, handles
from workers.running import Running
from workers.stepping import WithSteps

WANTED = "TEST_TASKS"  # the environment variable that asks a process of a Product for them
PATIENCE = 30  # seconds that a task waits for another
# Without any key but its id, so that a second effect of a job is a second row.
EFFECTS = Table(
    "effects_of_tests",
    MetaData(),
    Column("id", BigId, primary_key=True),
    Column("job_id", BigId),
    Column("what", String(200)),
)


def make_effects_table() -> None:
    with transaction() as session:
        EFFECTS.create(session.connection(), checkfirst=True)


def add_effect(job_id: int, what: str) -> None:
    """In the caller's transaction; of its own outside of one."""
    with transaction() as session:
        session.execute(insert(EFFECTS).values(job_id=job_id, what=what))


def effects() -> list[tuple[int, str]]:
    """The job and the word of each, in the order in which they were written."""
    db.session.rollback()
    rows = db.session.execute(select(EFFECTS.c.job_id, EFFECTS.c.what).order_by(EFFECTS.c.id))
    return [(row.job_id, row.what) for row in rows]


def words() -> list[str]:
    return [what for _, what in effects()]


@contextmanager
def declared(work: Task, function: Callable[..., Any]) -> Iterator[None]:
    """The task or workflow, with its function, for a while."""
    declare(work)
    handles(work.slug)(function)
    try:
        yield
    finally:
        remove(work.slug)


def remove(slug: str) -> None:
    for known in (CATALOG, HANDLERS, ON_SUCCESS, ON_FAIL):
        known.pop(slug, None)


class NoteInput(Input):
    text: str = "done"


class TurnInput(Input):
    key: str


class MeetInput(Input):
    key: str
    others: int = Field(ge=2)


class StoryInput(Input):
    pageId: int  # noqa: N815  # the outside contract is camelCase


class LastInput(Input):
    seconds: float


def note(job: Running) -> dict[str, Any]:
    """An effect, and the same word as output."""
    job.begin_effect()
    add_effect(job.id, job.input["text"])
    return {"text": job.input["text"]}


def take_turn(job: Running) -> None:
    """Tells when it began and when it ended, so that an overlap can be seen."""
    add_effect(job.id, "began")
    time.sleep(0.02)
    job.begin_effect()
    add_effect(job.id, "ended")


def meet(job: Running) -> None:
    """Ends only when so many run at the same time."""
    add_effect(job.id, "came")
    until = time.monotonic() + PATIENCE
    while words().count("came") < job.input["others"]:
        if time.monotonic() > until:
            raise TimeoutError("Nobody else came.")
        time.sleep(0.05)


def last(job: Running) -> None:
    """Takes so many seconds."""
    time.sleep(job.input["seconds"])
    job.begin_effect()
    add_effect(job.id, "lasted")


def tell_story(job: WithSteps) -> dict[str, Any]:
    """Two steps, of which the second uses the output of the first."""
    title = job.step("readTitle", "read", {"pageId": job.input["pageId"]})
    return job.step("note", "write", {"text": f"{title['title']}, told"})


def read_title(job: Running) -> dict[str, str]:
    return {"title": db.session.get_one(Page, job.input["pageId"]).title}


TASKS: list[tuple[Task, Callable[..., Any]]] = [
    (Task("note", "Write a word", NoteInput), note),
    (Task("noteOnStack", "Write a word, the newest first", NoteInput, queue="stack"), note),
    (
        Task(
            "takeTurn",
            "Be alone with a key",
            TurnInput,
            retries=3,
            concurrency=Concurrency(lambda input: f"turn:{input['key']}"),
        ),
        take_turn,
    ),
    (
        Task(
            "meet",
            "Wait for others of other keys",
            MeetInput,
            concurrency=Concurrency(lambda input: f"meet:{input['key']}"),
        ),
        meet,
    ),
    (Task("last", "Take a while", LastInput), last),
    (Task("readTitle", "Read the title of a page", StoryInput), read_title),
    (Workflow("tellStory", "Tell of a page", StoryInput), tell_story),
]


def install() -> None:
    """All of them into this process, and a save hook that queues a workflow for each new page."""
    QUEUES["stack"] = Queue("stack", order="lifo")
    for work, function in TASKS:
        declare(work)
        handles(work.slug)(function)
    for name, listener in HOOKS.items():
        event.listen(Session, name, listener)


def uninstall() -> None:
    for work, _ in TASKS:
        remove(work.slug)
    QUEUES.pop("stack", None)
    for name, listener in HOOKS.items():
        event.remove(Session, name, listener)


def _see_new_pages(session: Session, _context: Any) -> None:
    session.info.setdefault("new_pages", []).extend(one for one in session.new if isinstance(one, Page))


def _queue_stories(session: Session) -> None:
    session.flush()
    for page in session.info.pop("new_pages", []):
        queue("tellStory", {"pageId": page.id}, subject=page.subject)


HOOKS = {"after_flush": _see_new_pages, "before_commit": _queue_stories}
