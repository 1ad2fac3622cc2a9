"""What a signal raises in the middle of a job: the time is up, or the worker must go."""

from __future__ import annotations

import signal
from typing import NoReturn

from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

YOU_MUST_GO = signal.SIGUSR1  # from the worker to its horse; RQ's SIGRTMIN is missing on macOS
SHUTDOWN_SIGNALS = (signal.SIGTERM, signal.SIGINT, YOU_MUST_GO)


class Interrupt(KeyboardInterrupt):
    """Like Ctrl-C it passes every `except Exception`, and makes the database driver cancel the running query."""

    is_failure = True  # of the job


class TimeIsUp(Interrupt):
    """The job took longer than JOB_TIMEOUT."""


class ShuttingDown(Interrupt):
    """The worker was told to stop and the job's grace is over."""

    is_failure = False


class TimeLimit(UnixSignalDeathPenalty):
    """RQ's time limit, that raises TimeIsUp; only while it runs does a horse hear that it must go.

    Before and after, between two jobs, that waits: it must not break RQ's bookkeeping.
    """

    def setup_death_penalty(self) -> None:
        super().setup_death_penalty()
        if self._exception is JobTimeoutException:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SHUTDOWN_SIGNALS)

    def cancel_death_penalty(self) -> None:
        if self._exception is JobTimeoutException:
            signal.pthread_sigmask(signal.SIG_BLOCK, SHUTDOWN_SIGNALS)
        super().cancel_death_penalty()  # and with it what is left of a grace

    def handle_death_penalty(self, signum: int, frame: object) -> NoReturn:
        if self._exception is JobTimeoutException:
            raise TimeIsUp(f"It took longer than {self._timeout} seconds.")
        raise self._exception()
