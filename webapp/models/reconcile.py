"""Reconciling: bringing galleries in line with their rules after a rule, or what it looks at, was changed.

It adds what matches and takes away what auto-sync brought, nobody touched and no longer matches. What was hidden,
moved or added by hand stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, delete, func, select, true

from webapp.database import db, transaction
from webapp.jobs import Job
from webapp.models.audit import note
from webapp.models.backfill import lacking, open_gallery
from webapp.models.belonging import belongs_by_rule, does_not_belong, matching, not_matching
from webapp.models.gallery import AUTO, Gallery, Item, count_shown, find_gallery, live_media_ids
from webapp.models.hanging import hang
from webapp.models.media import Media
from webapp.models.page import Block
from webapp.models.progress import Progress, of_job
from webapp.models.rule import RECONCILE, Rule, queue_reconcile, rule_of

CHUNK = 500  # pictures a step
MANY = 10  # pictures
UNTOUCHED = (Item.source == AUTO, ~Item.touched, ~Item.hidden)


@dataclass(frozen=True)
class Effect:
    """What a rule would do to a gallery, in pictures."""

    matching: int  # of the library
    adds: int
    takes: int
    shown: int  # now
    stay: int  # although they do not match, as an editor added or moved them

    @property
    def changes(self) -> int:
        return self.adds + self.takes

    @property
    def is_drastic(self) -> bool:
        """Takes so much away that a person is asked first."""
        return self.takes >= MANY or self.takes * 3 > self.shown


def bring_in_line(gallery_id: int, *, by: int | None = None) -> Job:
    """As somebody asks for, in whose gallery are pictures that its rule does not match. Raises LookupError."""
    with transaction():
        gallery = find_gallery(gallery_id).named
        note("ran", gallery, f"asked to bring “{gallery.title}” in line with its rule")
        return queue_reconcile(gallery_id, by=by)


def effect_of(gallery: Gallery, rule: Rule) -> Effect:
    live = (Media.deleted_at.is_(None), *matching(rule))
    wanted = select(func.count(Media.id)).where(*to_add(gallery, rule))
    misfits = select(func.count()).where(Item.gallery_id == gallery.id, ~Item.hidden, _is_misfit(rule))
    takes = _scalar(misfits.where(*UNTOUCHED)) if rule.stored else 0
    return Effect(
        matching=_scalar(select(func.count(Media.id)).where(*live)),
        adds=_scalar(wanted),
        takes=takes,
        shown=count_shown(gallery.id),
        stay=_scalar(misfits) - takes if rule.stored else 0,
    )


def _scalar(counted: Select[int]) -> int:
    return db.session.scalar(counted) or 0


def to_add(gallery: Gallery, rule: Rule) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Media. Where every picture belongs, those from before auto-sync are asked about separately."""
    wanted = lacking(gallery.id, rule)
    if rule.stored or gallery.auto_sync_since is None:
        return wanted
    return *wanted, Media.created_at > gallery.auto_sync_since


def _is_misfit(rule: Rule) -> ColumnElement[bool]:
    """Of an item."""
    return Item.media_id.in_(live_media_ids().where(not_matching(rule)))


def count_misfits(gallery: Gallery) -> int:
    """Pictures that a reconcile would take away."""
    if gallery.rule is None:
        return 0
    misfits = select(func.count()).where(Item.gallery_id == gallery.id, *UNTOUCHED, _is_misfit(rule_of(gallery.rule)))
    return _scalar(misfits)


def add_some(gallery_id: int, job_id: int, after: int) -> dict[str, int | None]:
    """Add the next pictures behind this id, in the caller's transaction; the id of the last, None at the end.

    Raises LookupError, AutoSyncOff.
    """
    gallery = open_gallery(gallery_id)
    wanted = to_add(gallery, rule_of(gallery.rule))
    some = db.session.scalars(select(Media.id).where(*wanted, Media.id > after).order_by(Media.id).limit(CHUNK)).all()
    added = hang(job_id, Block.id == gallery_id, Media.id.in_(some), *wanted) if some else 0
    return {"added": added, "last": some[-1] if len(some) == CHUNK else None}


def take_out(gallery_id: int) -> int:
    """In the caller's transaction; how many. Raises LookupError, AutoSyncOff."""
    rule = rule_of(open_gallery(gallery_id).rule)
    if not rule.stored:
        return 0
    return _delete(Item.gallery_id == gallery_id, _is_misfit(rule))


def _delete(*where: ColumnElement[bool]) -> int:
    gone = delete(Item).where(*UNTOUCHED, *where).execution_options(synchronize_session=False)
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # every DELETE counts its rows


def brought(gallery_id: int, job_id: int) -> int:
    """How many pictures this job added, in this try and those before it."""
    return _scalar(select(func.count()).where(Item.gallery_id == gallery_id, Item.job_id == job_id))


def reconcile_media(media_ids: list[int], job_id: int) -> dict[str, int]:
    """Put these where they belong among the galleries with rules, in the caller's transaction."""
    these = (Media.id.in_(media_ids), Media.deleted_at.is_(None))
    added = sum(hang(job_id, Block.auto_sync, *these, *fits) for fits in belongs_by_rule())
    pairs = select(Media.id).select_from(Block).join(Media, true())
    pairs = pairs.where(Block.auto_sync, Block.id == Item.gallery_id, Media.id == Item.media_id).correlate(Item)
    removed = sum(_delete(Item.media_id.in_(media_ids), pairs.where(*fits).exists()) for fits in does_not_belong())
    return {"added": added, "removed": removed}


@dataclass(frozen=True)
class InLine:
    """How far a gallery is in line with its rule: the job that last saw to it, and the misfits that are left."""

    job: Job | None
    misfits: int

    @property
    def is_moving(self) -> bool:
        return self.job is not None and not self.job.settled

    @property
    def line(self) -> Progress | None:
        if self.job is None:
            return None
        done = self.job.output or {"added": 0, "removed": 0}
        told = f"In line with the rule: {done['added']:,} added, {done['removed']:,} taken out"
        waiting, working = "Waiting to be brought in line with the rule", "Being brought in line with the rule"
        return of_job(self.job, waiting=waiting, working=working, done=told)


def in_line(gallery: Gallery) -> InLine:
    found = select(Job).where(Job.subject == gallery.subject, Job.workflow_slug == RECONCILE)
    newest = InLine(db.session.scalar(found.order_by(Job.id.desc()).limit(1)), 0)
    return newest if newest.is_moving or not gallery.auto_sync else InLine(newest.job, count_misfits(gallery))
