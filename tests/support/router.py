"""What a platform has in front of its web processes: asks them in turn, and another when a connection is refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count

from tests.support.relay import Relay, hand_on

WAITS = 100.0  # seconds for somebody to take the request, as while everything starts anew on a busy machine
PAUSE = 0.1  # seconds before all are asked again
NOBODY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Router(Relay):
    """One request a connection. Nothing is sent twice: who took a connection has the request, also when it dies."""

    def __init__(self) -> None:
        super().__init__()
        self.ports: tuple[int, ...] = ()  # of the web processes
        self.turn = count()
        self.seen: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = await self._somebody()
        if found is None:
            writer.write(NOBODY)
            return
        self.seen["requests"] += 1
        web, to_web = found
        to_web.write(as_a_router_says_it(head))
        sending = asyncio.ensure_future(hand_on(reader, to_web))
        try:
            self.seen["broken"] += not await hand_on(web, writer)
        finally:
            sending.cancel()
            to_web.close()

    async def _somebody(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        until = self.loop.time() + WAITS
        while self.loop.time() < until:
            for _ in self.ports:
                port = self.ports[next(self.turn) % len(self.ports)]
                try:
                    return await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    self.seen["refused"] += 1
            await asyncio.sleep(PAUSE)
        self.seen["nobody"] += 1
        return None


def as_a_router_says_it(head: bytes) -> bytes:
    """From whom it comes, and that no other request will follow."""
    lines = [line for line in head.split(b"\r\n") if line and not line.lower().startswith(b"connection:")]
    lines += [b"Connection: close", b"X-Forwarded-For: 127.0.0.1", b"X-Forwarded-Proto: http"]
    return b"\r\n".join(lines) + b"\r\n\r\n"
