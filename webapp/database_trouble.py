"""What the database says when it can't do what it is asked, put into words that say what to do."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

AWAY = "The database does not answer. Look at DATABASE_URL, and whether its server runs."
BEHIND = "The database is not at the version of this program. Run: flask db upgrade"
NEWER = "The database is of a newer version, which the version before can live with."
CLOSED = (
    "The database takes no changes. Look whether its disk is full, whether it is a standby by now, "
    "and whether the role in DATABASE_URL may write."
)
# As PostgreSQL numbers them: https://www.postgresql.org/docs/current/errcodes-appendix.html
READ_ONLY, MAY_NOT, NO_TABLE, NO_COLUMN = "25006", "42501", "42P01", "42703"


def trouble_of(error: SQLAlchemyError) -> str | None:
    """Is it away, does it take no changes, or does it lack a table or column? None: the mistake may be ours."""
    if isinstance(error, NoConnectionFree):
        return AWAY
    if not isinstance(error, DBAPIError):
        return None
    if takes_no_changes(error):
        return CLOSED
    if lacks_something(error):
        return BEHIND
    return AWAY if isinstance(error, OperationalError | InterfaceError) else None


def takes_no_changes(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return sqlstate(error) in (READ_ONLY, MAY_NOT) or code & 0xFF == sqlite3.SQLITE_READONLY  # the rest says why


def lacks_something(error: DBAPIError) -> bool:
    said = str(error.orig)
    return sqlstate(error) in (NO_TABLE, NO_COLUMN) or "no such" in said or "has no column" in said


def sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
