"""SQLite lets one transaction write at a time: what runs in the background waits until no request is at work.

A request that may change something holds a shared lock on a file beside the database. The system lets go of it when
the process dies.
"""

from __future__ import annotations

import fcntl
import os
import time
from typing import IO

from flask import Flask, g, has_request_context, request

from webapp.database import db, is_postgresql

READING = {"GET", "HEAD", "OPTIONS", "TRACE"}
QUIET = 0.006  # seconds after a request; whoever sends many begins the next one within them
PATIENCE = 0.1  # seconds; then the background has its turn, however many requests there are


def init_people_first(app: Flask) -> None:
    app.before_request(_begin)
    app.teardown_request(_end)


def _begin() -> None:
    if request.method not in READING and not is_postgresql():
        g.comes_first = _file()
        fcntl.flock(g.comes_first, fcntl.LOCK_SH)


def _end(_error: BaseException | None) -> None:
    if file := g.pop("comes_first", None):
        os.utime(file.fileno(), ns=(time.time_ns(), time.time_ns()))
        file.close()


def let_people_go_first() -> None:
    """Return when no request is at work, or when that takes too long; at once in one, as somebody waits for it too."""
    if is_postgresql() or has_request_context():
        return
    until = time.monotonic() + PATIENCE
    with _file() as file:
        while time.monotonic() < until and _are_there(file):
            time.sleep(0.001)


def _are_there(file: IO[bytes]) -> bool:
    if abs(time.time() - os.fstat(file.fileno()).st_mtime) < QUIET:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def _file() -> IO[bytes]:
    """Opened anew each time: such a lock belongs to the opening, and others would share it."""
    return open(f"{db.engine.url.database}-people", "ab", buffering=0)
