"""A circuit breaker: while the bucket is away, who asks is told so at once, or every thread would wait for it."""

from __future__ import annotations

import threading
import time

ASK_AGAIN_AFTER = 3.0  # seconds; then one may find out whether it answers
LONGEST_TRY = 60.0  # seconds after which that one is taken for lost


class Breaker:
    """Of one process and one bucket."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_try: float | None = None  # monotonic seconds; None as long as it answers

    def lets_ask(self) -> bool:
        """Whether the caller may ask, and must then say what came of it."""
        with self._lock:
            if self._next_try is None:
                return True
            if time.monotonic() < self._next_try:
                return False
            self._next_try = time.monotonic() + LONGEST_TRY
            return True

    def answered(self) -> None:
        self._next_try = None

    def failed(self) -> None:
        self._next_try = time.monotonic() + ASK_AGAIN_AFTER
