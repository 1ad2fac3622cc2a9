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
SAYS_WITHIN = 1.0  # seconds until a connection that was made just before it must have sent something
LOOK_EVERY = 1.0  # seconds
GIVE_UP_AFTER = 5  # seconds more for threads that hang


def serve(app: Flask) -> None:
    """Answer requests until SIGTERM or SIGINT, however often they come; those under way are answered first."""
    keep_memory_together()
    settings = app.config["SETTINGS"]
    sockets: dict[int, Any] = {}
    told = listen_for_signals(sockets)  # before anybody can be connected
    server = create_server(
        app,
        map=sockets,
        host=settings.host,
        port=settings.port,
        threads=settings.web_threads,
        recv_bytes=65536,  # at a time; with 8 KB each, to receive an upload took a third of its processor time
        connection_limit=1000,  # slow uploads are collected outside of the threads and must not use them up
        channel_timeout=60,  # seconds of silence after which a client is dropped
        max_request_body_size=settings.max_request_bytes + 1,
        ident=None,
        clear_untrusted_proxy_headers=False,  # ProxyFix decides, by TRUSTED_PROXIES
    )
    while not told:
        wasyncore.loop(timeout=LOOK_EVERY, use_poll=True, map=sockets, count=1)
    answer_the_rest(sockets)
    server.task_dispatcher.shutdown(timeout=GIVE_UP_AFTER)


def keep_memory_together() -> None:
    """Else glibc keeps for each thread what its largest upload needed, and the process seems to grow for ever."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # macOS has none, and needs none
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


def listen_for_signals(sockets: dict[int, Any]) -> list[int]:
    """Those that came. waitress by itself would go at once, and forget what its threads answered and not yet sent."""
    told: list[int] = []

    def stop(signum: int, _frame: object) -> None:
        told.append(signum)
        for listener in listeners(sockets):
            listener.pull_trigger()  # which wakes the loop of serve()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, stop)
    return told


def answer_the_rest(sockets: dict[int, Any]) -> None:
    """Take no new connections, and let go of each that is open as soon as nothing is asked or answered on it."""
    for listener in listeners(sockets):
        take_who_waits(listener, sockets)
        wasyncore.dispatcher.close(listener)
    until = time.monotonic() + ANSWER_WITHIN
    while time.monotonic() < until:
        wasyncore.loop(timeout=0.05, use_poll=True, map=sockets, count=1)  # first: what came in must be read
        if not close_idle(sockets):
            return


def take_who_waits(listener: BaseWSGIServer, sockets: dict[int, Any]) -> None:
    """The system has connected them already, and would reset them although they have perhaps sent their request."""
    before = -1
    while len(sockets) > before:
        before = len(sockets)
        listener.handle_accept()


def listeners(sockets: dict[int, Any]) -> list[BaseWSGIServer]:
    return [one for one in list(sockets.values()) if isinstance(one, BaseWSGIServer)]


def close_idle(sockets: dict[int, Any]) -> int:
    """How many are left that are not."""
    channels = [one for one in list(sockets.values()) if isinstance(one, HTTPChannel)]
    idle = [one for one in channels if is_idle(one)]
    for channel in idle:
        channel.handle_close()
    return len(channels) - len(idle)


def is_idle(channel: HTTPChannel) -> bool:
    if channel.requests or channel.request or channel.total_outbufs_len:
        return False
    is_new = channel.last_activity == channel.creation_time
    return not is_new or time.time() > channel.creation_time + SAYS_WITHIN
