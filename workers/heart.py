"""Renews the leases of whatever this process is at; one thread for all, as most jobs are shorter than its start."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from webapp.jobs import lease
from webapp.jobs.lease import Claim

log = structlog.get_logger(__name__)


@contextmanager
def heartbeat(held: Claim) -> Iterator[None]:
    """Renew the lease at a third of its length for as long as the block runs."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    heart: Heart = app.extensions.setdefault("gallerist_heart", Heart(app))
    heart.keep(held)
    try:
        yield
    finally:
        heart.drop(held)


def start_deaf_thread(target: Callable[[], None]) -> threading.Thread:
    """It lives on between jobs, when its process wants no signal to be heard, and inherits what it hears."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        return thread
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Heart:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.pause = app.config["SETTINGS"].job_lease / 3  # seconds
        self.held: dict[str, Claim] = {}
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def keep(self, held: Claim) -> None:
        with self.lock:
            self.held[held.token] = held
            if self.thread is None or not self.thread.is_alive():  # a fork takes no thread along
                self.thread = start_deaf_thread(self._beat)

    def drop(self, held: Claim) -> None:
        with self.lock:
            self.held.pop(held.token, None)

    def _beat(self) -> None:
        while True:
            time.sleep(self.pause)
            with self.lock:
                held = list(self.held.values())
                if not held:
                    self.thread = None
                    return
            with self.app.app_context():
                for claim in held:
                    self._renew(claim)

    def _renew(self, claim: Claim) -> None:
        try:
            lease.renew(claim)
        except SQLAlchemyError as error:  # the next beat, or the sweep, deals with it
            log.warning("job.heartbeat_failed", job=claim.job_id, error=str(error))
