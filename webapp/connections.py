"""How a connection to the database is opened, found alive, and begun to read or to write on."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

WRITING = "gallerist_writing"  # execution options of a connection
DURABLE = "gallerist_durable"
MODE = "gallerist_mode"
IDLE_SINCE = "gallerist_idle_since"
PING_AFTER = 1  # seconds that a connection to PostgreSQL was idle
LOCK_TIMEOUT = 30  # seconds

_my_turn = threading.Lock()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # the driver must not begin or commit on its own
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")


@event.listens_for(Pool, "checkin")
def _remember_when(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[IDLE_SINCE] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _see_whether_it_lives(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """As pool_pre_ping does, but not for the second of two jobs, which it would make a fifth slower."""
    idle = time.monotonic() - record.info.get(IDLE_SINCE, math.inf)
    if isinstance(connection, sqlite3.Connection) or idle < PING_AFTER:
        return
    try:
        connection.execute("")
        connection.rollback()
    except connection.Error as error:
        raise DisconnectionError(str(error)) from error  # the pool opens another


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    writing, durable = options.get(WRITING, False), options.get(DURABLE, True)
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        _begin_sqlite(connection, driver, writing, durable)


def _begin_sqlite(connection: Connection, driver: sqlite3.Connection, writing: bool, durable: bool) -> None:
    was_writing, was_durable = connection.info.get(MODE, (None, None))
    if writing != was_writing:  # not each time: SQLite prepares all statements anew after it
        driver.execute(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
    if durable != was_durable:  # full, so that an answered upload survives a power cut
        driver.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.info[MODE] = (writing, durable)
    if not writing:
        driver.execute("BEGIN")
        return
    driver.execute("PRAGMA busy_timeout=0")  # or SQLite would begin to wait when we have waited in vain
    try:
        if not _took_write_lock(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises what SQLAlchemy makes of it
    finally:
        driver.execute(f"PRAGMA busy_timeout={LOCK_TIMEOUT * 1000}")


def _took_write_lock(driver: sqlite3.Connection) -> bool:
    """Look each millisecond, one thread at a time.

    SQLite's own wait sleeps longer and longer, up to a tenth of a second, while a lock is held for a few milliseconds.
    """
    deadline = time.monotonic() + LOCK_TIMEOUT
    if not _my_turn.acquire(timeout=LOCK_TIMEOUT):
        return False
    try:
        while time.monotonic() < deadline:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return True
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    return False  # whatever it is, it will be said again
                time.sleep(0.001)
        return False
    finally:
        _my_turn.release()
