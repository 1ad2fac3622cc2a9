"""What a look at one part of the product found, and how it is told at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import click
import structlog
from sqlalchemy.exc import DBAPIError, ProgrammingError, SQLAlchemyError

from webapp.database import db

log = structlog.get_logger(__name__)

AWAY = "The database does not answer. Look at DATABASE_URL, and whether its server runs."
BEHIND = "The database is not at the version of this program. Run: flask db upgrade"


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
        wrong = words = database_trouble(error)
    return Finding(part, wrong is None, words)


def database_trouble(error: SQLAlchemyError) -> str:
    """Is it away, or does it only lack a table or column?"""
    lacks = isinstance(error, ProgrammingError) or (isinstance(error, DBAPIError) and "no such" in str(error.orig))
    return BEHIND if lacks else AWAY


def tell(findings: Iterable[Finding]) -> None:
    """Print them, and end the process with 1 when something is wrong."""
    all_well = True
    for finding in findings:
        click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.part:<10}  {finding.words}")
        all_well = all_well and finding.ok
    if not all_well:
        raise SystemExit(1)
