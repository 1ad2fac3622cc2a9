"""Everything about the index of meaning that its page shows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from webapp.database import db
from webapp.jobs import Job
from webapp.jobs.states import SUCCEEDED
from webapp.models import meaning
from webapp.models.meaning_state import State, state
from webapp.models.progress import Progress, counted, of_job
from webapp.search.embedders import Embedder
from webapp.search.rows import ACTIVE, BUILDING, Generation, IndexedDocument
from webapp.search.stores.choice import NAMES


@dataclass(frozen=True)
class Building:
    done: int  # documents
    total: int


@dataclass(frozen=True)
class Overview:
    state: State
    active: Generation | None  # that is searched
    building: Building | None
    rebuild: Progress | None  # the last one
    check: Progress | None  # likewise

    @property
    def is_off(self) -> bool:
        return self.state.model is None

    @property
    def made_by(self) -> str:
        embedder = meaning.embedder()
        return _in_words(embedder) if embedder else ""

    @property
    def was_made_by(self) -> str:
        return _in_words(self.active) if self.active else ""

    @property
    def where(self) -> str:
        return NAMES[self.active.store] if self.active else ""

    @property
    def is_moving(self) -> bool:
        lines = [line for line in (self.rebuild, self.check) if line]
        return self.state.waiting > 0 or any(not line.settled for line in lines)

    @property
    def drift(self) -> str | None:
        """In words, what no job is at; None when there is nothing, or no index that could lack it."""
        lost, left = (sum(getattr(kept, name) for kept in self.state.collections) for name in ("lost", "left"))
        parts = [counted(lost, "document is missing", "documents are missing")] if lost else []
        parts += [f"{left:,} {'is' if left == 1 else 'are'} left over"] if left else []
        return ", ".join(parts) + "." if parts and self.active else None


def _in_words(made_by: Embedder | Generation) -> str:
    return f"{made_by.model}, {made_by.dims:,} numbers a text"


def overview() -> Overview:
    now = state()
    by_state = {each.state: each for each in now.generations}
    return Overview(
        state=now,
        active=by_state.get(ACTIVE),
        building=_building(by_state.get(BUILDING), now),
        rebuild=_rebuild(),
        check=_check(),
    )


def _building(generation: Generation | None, now: State) -> Building | None:
    if generation is None:
        return None
    done = select(func.count()).select_from(IndexedDocument).where(IndexedDocument.content_hash != "")
    total = sum(kept.wanted for kept in now.collections)
    return Building(min(total, db.session.scalar(done.filter_by(generation_id=generation.id)) or 0), total)


def _rebuild() -> Progress | None:
    job = _newest(Job.workflow_slug == meaning.REINDEX)
    words = {"waiting": "Waiting to be built anew", "working": "Being built anew", "done": "Built anew"}
    return of_job(job, **words) if job else None


def _check() -> Progress | None:
    job = _newest(Job.task_slug == meaning.CHECK)
    if job is None:
        return None
    mended = (job.output or {}).get("mended", 0) if job.status == SUCCEEDED else 0
    found = counted(mended, "document is mended", "documents are mended") if mended else "nothing is to be mended"
    done = f"Looked through: {found}"
    return of_job(job, waiting="Waiting to be looked through", working="Being looked through", done=done)


def _newest(which: ColumnElement[bool]) -> Job | None:
    return db.session.scalar(select(Job).where(which).order_by(Job.id.desc()).limit(1))
