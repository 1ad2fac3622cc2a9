"""The web server: waitress, which here ends without leaving anybody without an answer."""

from __future__ import annotations

import ctypes
import signal
import time
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

ANSWER_WITHIN = 12.0  # seconds for what is under way after SIGTERM; a platform kills after 30, we want to be gone in 25
M_ARENA_MAX = -8  # of mallopt(3)
LOOK_EVERY = 1.0  # seconds
GIVE_UP_AFTER = 5  # seconds more for threads that hang


def serve(app: Flask) -> None:
    """Answer requests until SIGTERM or SIGINT, however often they come; those under way are answered first."""
    keep_memory_together()
    settings = app.config["SETTINGS"]
    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        host=settings.host,
        port=settings.port,
        threads=settings.web_threads,
        connection_limit=1000,  # slow uploads are collected outside of the threads and must not use them up
        channel_timeout=60,  # seconds of silence after which a client is dropped
        max_request_body_size=settings.max_request_bytes + 1,
        ident=None,
        clear_untrusted_proxy_headers=False,  # ProxyFix decides, by TRUSTED_PROXIES
    )
    wait_for_signal(sockets)
    answer_the_rest(sockets)
    server.task_dispatcher.shutdown(timeout=GIVE_UP_AFTER)


def keep_memory_together() -> None:
    """Else glibc keeps for each thread what its largest upload needed, and the process seems to grow for ever."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # macOS has none, and needs none
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


def wait_for_signal(sockets: dict[int, Any]) -> None:
    """waitress by itself would go at once, and forget what its threads have answered and not yet sent."""
    told: list[int] = []

    def stop(signum: int, _frame: object) -> None:
        told.append(signum)
        for listener in listeners(sockets):
            listener.pull_trigger()  # which wakes the loop below

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, stop)
    while not told:
        wasyncore.loop(timeout=LOOK_EVERY, use_poll=True, map=sockets, count=1)


def answer_the_rest(sockets: dict[int, Any]) -> None:
    """Take no new connections, and let go of each that is open as soon as nothing is asked or answered on it."""
    for listener in listeners(sockets):
        wasyncore.dispatcher.close(listener)
    until = time.monotonic() + ANSWER_WITHIN
    while time.monotonic() < until and close_idle(sockets):
        wasyncore.loop(timeout=0.05, use_poll=True, map=sockets, count=1)


def listeners(sockets: dict[int, Any]) -> list[BaseWSGIServer]:
    return [one for one in list(sockets.values()) if isinstance(one, BaseWSGIServer)]


def close_idle(sockets: dict[int, Any]) -> int:
    """How many are left that are not."""
    channels = [one for one in list(sockets.values()) if isinstance(one, HTTPChannel)]
    idle = [one for one in channels if not (one.requests or one.request or one.total_outbufs_len)]
    for channel in idle:
        channel.handle_close()
    return len(channels) - len(idle)
