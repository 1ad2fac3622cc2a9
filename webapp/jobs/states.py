"""The states of a job and every way from one to another; nothing else in the code changes a state."""

from __future__ import annotations

from dataclasses import dataclass

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = STATUSES = (
    "queued",
    "running",
    "succeeded",
    "failed",
    "cancelled",
)
SETTLED = (SUCCEEDED, FAILED, CANCELLED)


@dataclass(frozen=True)
class Transition:
    verb: str
    sources: tuple[str, ...]
    target: str
    when: str


TRANSITIONS = {
    transition.verb: transition
    for transition in (
        Transition("claim", (QUEUED,), RUNNING, "a worker takes it"),
        Transition("finish", (RUNNING,), SUCCEEDED, "done, in the transaction of its effect"),
        Transition("fail", (RUNNING,), FAILED, "an error, and no retry is left"),
        Transition("wait", (RUNNING,), QUEUED, "an error, and a retry is left"),
        Transition("release", (RUNNING,), QUEUED, "the worker must stop"),
        Transition("rescue", (RUNNING,), QUEUED, "the worker died"),
        Transition("bury", (RUNNING,), FAILED, "the worker died for the third time"),
        Transition("cancel", (QUEUED, RUNNING), CANCELLED, "a person, a newer job or the task itself"),
        Transition("retry", (QUEUED, FAILED, CANCELLED), QUEUED, "a person, at once"),
    )
}


def sources(verb: str) -> tuple[str, ...]:
    return TRANSITIONS[verb].sources


def drawing() -> str:
    """All of it as a Mermaid state diagram, as README.md shows it."""
    lines = ["stateDiagram-v2", f"    [*] --> {QUEUED}: queue"]
    for one in TRANSITIONS.values():
        lines += [f"    {source} --> {one.target}: {one.verb} ({one.when})" for source in one.sources]
    lines += [f"    {status} --> [*]: prune" for status in SETTLED]
    return "\n".join(lines)
