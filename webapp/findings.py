"""What a look at one part of the product found, and how it is told at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import click
import structlog
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import db
from webapp.database_trouble import trouble_of

log = structlog.get_logger(__name__)

STUMBLES = "The database can't do what this program asks. Its log and the database's say what that was."


@dataclass(frozen=True)
class Finding:
    """One part, whether it is well, and in words what is wrong and what to do. Holds no secret."""

    part: str
    ok: bool
    words: str


def check_part(part: str, look: Callable[[], str | None], well: Callable[[], str] = lambda: "Works.") -> Finding:
    """`look` says in words what is wrong, or None; `well`, how it is then."""
    try:
        wrong = look()
        words = wrong or well()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("doctor.database_failed", part=part, error=type(error).__name__)
        wrong = words = trouble_of(error) or STUMBLES
    return Finding(part, wrong is None, words)


def tell(findings: Iterable[Finding]) -> None:
    """Print them, and end the process with 1 when something is wrong."""
    all_well = True
    for finding in findings:
        click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.part:<10}  {finding.words}")
        all_well = all_well and finding.ok
    if not all_well:
        raise SystemExit(1)
