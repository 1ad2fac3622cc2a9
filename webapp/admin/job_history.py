"""What happened to a job: its tries in order, each with the steps that it made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from flask_login import current_user

from webapp.jobs.catalog import CATALOG
from webapp.jobs.job import Job, JobLog
from webapp.jobs.retries import path_of

EVENTS = {
    "succeeded": ("done", "Succeeded"),
    "failed": ("failed", "Failed"),
    "crashed": ("failed", "The worker died"),
    "released": ("waiting", "Given back"),
    "cancelled": ("cancelled", "Cancelled"),
    "retried": ("retrying", "Queued again"),
    "edited": ("edited", "Input changed"),
    "noted": ("noted", "Note"),
}
A_TRY = ("succeeded", "failed", "crashed", "released")  # events that end one


@dataclass
class Step:
    """One try of a step, with the steps that it asked for."""

    line: JobLog
    steps: list[Step] = field(default_factory=list)

    @property
    def look(self) -> str:
        return EVENTS.get(self.line.event, ("waiting", ""))[0]

    @property
    def words(self) -> str:
        return EVENTS.get(self.line.event, ("", self.line.event.capitalize()))[1]

    @property
    def what(self) -> str:
        task = CATALOG.get(self.line.task_slug or "")
        return task.label if task else self.line.task_slug or ""

    @property
    def error(self) -> str | None:
        return self.line.message if current_user.may_edit else None

    @property
    def took(self) -> timedelta | None:
        return took(self.line)

    @property
    def path(self) -> str:
        return path_of(self.line.step or "", self.line.task_slug, self.line.parent)


@dataclass(frozen=True)
class Entry:
    """One line of the history. Without a line it is the try that is being made."""

    look: str
    words: str
    steps: list[Step]
    line: JobLog | None = None
    known: bool = True  # its message is in words for everybody

    @classmethod
    def of(cls, line: JobLog, steps: list[Step]) -> Entry:
        look, words = EVENTS.get(line.event, ("waiting", line.event.capitalize()))
        words += f" at try {line.attempt}" if line.event in ("failed", "crashed") else ""
        return cls(look, words, steps, line, line.is_in_words)

    @property
    def message(self) -> str | None:
        return self.line.message if self.line and self.known else None

    @property
    def error(self) -> str | None:
        """In the words of the program, for those who may see them."""
        return self.line.message if self.line and not self.known and current_user.may_edit else None

    @property
    def took(self) -> timedelta | None:
        return took(self.line) if self.line and self.line.event in A_TRY else None


def history_of(job: Job) -> list[Entry]:
    """Steps belong to the try whose end is the next one in the log; what is left, to the one that goes on."""
    entries: list[Entry] = []
    steps: list[JobLog] = []
    for line in job.log:
        if line.step is not None:
            steps.append(line)
        elif line.event == "noted":
            entries.append(Entry.of(line, []))
        else:
            entries.append(Entry.of(line, nested(steps)))
            steps = []
    if steps:
        entries.append(Entry("working", "So far", nested(steps)))
    return entries


def nested(lines: list[JobLog]) -> list[Step]:
    """Each below the step that asked for it; one whose parent has not ended yet stands by itself."""
    steps = [Step(line) for line in lines]
    by_path = {step.path: step for step in steps}
    roots: list[Step] = []
    for step in sorted(steps, key=lambda step: (step.line.started_at or step.line.at, step.line.id)):
        parent = by_path.get(step.line.parent or "")
        (parent.steps if parent else roots).append(step)
    return roots


def took(line: JobLog) -> timedelta | None:
    return line.at - line.started_at if line.started_at else None
