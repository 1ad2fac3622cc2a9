"""The web process: `app` for any WSGI server and for the `flask` command; `python wsgi.py` serves it."""

from __future__ import annotations

import ctypes
import signal
from types import FrameType

import waitress

from webapp import create_app
from workers.perform import perform_job

app = create_app(perform_job=perform_job)


M_ARENA_MAX = -8  # of mallopt(3)


def serve() -> None:
    """Answer requests until SIGTERM or SIGINT; those under way are answered first."""
    keep_memory_together()
    signal.signal(signal.SIGTERM, _exit)
    settings = app.config["SETTINGS"]
    waitress.serve(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.web_threads,
        connection_limit=1000,  # slow uploads are collected outside of the threads and must not use them up
        channel_timeout=60,  # seconds of silence after which a client is dropped
        max_request_body_size=settings.max_request_bytes + 1,
        ident=None,
        clear_untrusted_proxy_headers=False,  # ProxyFix decides, by TRUSTED_PROXIES
    )


def keep_memory_together() -> None:
    """Else glibc keeps for each thread what its largest upload needed, and the process seems to grow for ever."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # macOS has none, and needs none
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


def _exit(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    serve()
