"""What people can do to jobs, one or many: in which states, in which words, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from webapp import jobs
from webapp.admin.job_filters import counts_by_status
from webapp.database import db
from webapp.jobs.job import Job
from webapp.jobs.states import CANCELLED, FAILED, QUEUED, RUNNING, SETTLED, SUCCEEDED
from webapp.jobs.where import Where
from webapp.models.progress import counted

AT_MOST = 2000  # jobs that one request changes; it should answer before anybody thinks that it hangs
PORTION = 1000  # jobs in one transaction, so that nobody waits long for the database
IN_STATE = {
    QUEUED: ("waits", "wait"),
    RUNNING: ("runs", "run"),
    SUCCEEDED: ("has succeeded", "have succeeded"),
    FAILED: ("has failed", "have failed"),
    CANCELLED: ("is cancelled", "are cancelled"),
}


@dataclass(frozen=True)
class Verb:
    label: str
    states: tuple[str, ...]  # in which it can be done
    done: tuple[str, str]  # what then holds for one, and for many
    change: Callable[[Where, str], int]  # with the name of whoever asks; how many were changed
    warning: tuple[str, str] | None = None  # it can't be undone; for one, and for many
    unchanged: tuple[str, str] = ("changed in the meantime",) * 2  # why it was not done to one, and to many


def _retry(where: Where, by: str) -> int:
    return len(jobs.retry(where, f"Tried again by {by}.", override_access=False))


def _run_now(where: Where, by: str) -> int:
    return len(jobs.retry(where, f"Run now, asked by {by}.", override_access=False))


def _cancel(where: Where, by: str) -> int:
    return len(jobs.cancel(where, jobs.stopped_by(by), override_access=False))


def _discard(where: Where, by: str) -> int:
    return jobs.discard(where, override_access=False)


VERBS = {
    "retry": Verb("Try again", (FAILED, CANCELLED), ("will be tried again", "will be tried again"), _retry),
    "run": Verb(
        "Run now",
        (QUEUED,),
        ("runs as soon as a worker is free", "run as workers get free"),
        _run_now,
        unchanged=(
            "waits for its moment or changed in the meantime",
            "wait for their moment or changed in the meantime",
        ),
    ),
    "cancel": Verb("Cancel", (QUEUED, RUNNING), ("is cancelled", "are cancelled"), _cancel),
    "discard": Verb(
        "Discard",
        SETTLED,
        ("is discarded", "are discarded"),
        _discard,
        (
            "It is deleted with its history. This can’t be undone.",
            "They are deleted with their history. This can’t be undone.",
        ),
    ),
}


@dataclass(frozen=True)
class Outcome:
    verb: Verb
    ids: list[int]  # of the jobs in a state that allows it, up to AT_MOST
    done: int
    left: dict[str, int]  # by status, those whose state forbids it
    gone: int  # asked for, and not there any more
    more: int  # beyond AT_MOST

    @property
    def words(self) -> str:
        parts = [f"{counted(self.done, 'job', 'jobs')} {self.verb.done[self.done != 1]}." if self.done else ""]
        changed = len(self.ids) - self.done
        reasons = [f"{count:,} {IN_STATE[status][count != 1]}" for status, count in self.left.items() if count]
        reasons += [f"{self.gone:,} {'is' if self.gone == 1 else 'are'} gone"] if self.gone else []
        reasons += [f"{changed:,} {self.verb.unchanged[changed != 1]}"] if changed else []
        if reasons:
            left = sum(self.left.values()) + self.gone + changed
            parts.append(f"{left:,} {'was' if left == 1 else 'were'} left as {'it is' if left == 1 else 'they are'}:")
            parts.append(f"{', '.join(reasons)}.")
        if self.more:
            parts.append(f"{self.more:,} more are to be done; go on with the same button.")
        return " ".join(filter(None, parts)) or "There was nothing to do."


def do(verb: Verb, chosen: list[ColumnElement[bool]], by: str, asked_for: int = 0) -> Outcome:
    """To all that are chosen, as far as their state allows. Raises AccessDenied."""
    counts = counts_by_status(chosen)
    fitting = select(Job.id).where(*chosen, Job.status.in_(verb.states)).order_by(Job.id).limit(AT_MOST)
    ids = list(db.session.scalars(fitting))
    portions = [ids[start : start + PORTION] for start in range(0, len(ids), PORTION)]
    return Outcome(
        verb,
        ids,
        done=sum(verb.change({"id": some, "status": list(verb.states)}, by) for some in portions),
        left={status: count for status, count in counts.items() if status not in verb.states},
        gone=max(0, asked_for - sum(counts.values())),
        more=sum(counts[status] for status in verb.states) - len(ids),
    )
