"""A small server in a thread of the test, that hands on what comes to it; others say to whom."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self

from tests.support.ports import free_port

LIMIT = 65536  # bytes read at once, and of the head of a request
PATIENCE = 30  # seconds


class Relay:
    """At 127.0.0.1:`port`. One thread for all connections: two must not read and write one TLS connection at once."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.port = free_port()
        self.context = context
        self.open: set[asyncio.StreamWriter] = set()
        self.tasks: set[asyncio.Task[Any]] = set()  # asyncio by itself would forget those that wait
        self.server: asyncio.Server | None = None
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def start(self) -> Self:
        self._run(self._listen())
        return self

    def stop(self) -> None:
        """Nobody is listening any more, and who was connected is cut off."""
        self._run(self._close())

    def drop(self) -> None:
        """Every connection that is open, all at once; new ones are taken."""
        self._run(self._abort())

    def _run(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self.loop).result(PATIENCE)

    async def _listen(self) -> None:
        self.server = await asyncio.start_server(
            self._take, "127.0.0.1", self.port, ssl=self.context, limit=LIMIT, backlog=200
        )

    async def _close(self) -> None:
        if self.server:
            self.server.close()
        await self._abort()

    async def _abort(self) -> None:
        for writer in list(self.open):
            writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.open.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):  # either side went away
                await self.serve(reader, writer)
        finally:
            writer.close()
            self.open.discard(writer)
            self.tasks.discard(task)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


async def hand_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> int:
    """Until its end, or that of the other side; how many bytes came."""
    size = 0
    with suppress(OSError):
        while data := await source.read(LIMIT):
            size += len(data)
            target.write(data)
            await target.drain()
    return size
