"""A gate in front of a server: it can be shut, fall silent, or drop whoever is inside."""

from __future__ import annotations

import asyncio
import ssl

from tests.support.relay import Relay, hand_on

Address = str | tuple[str, int]  # the path of a Unix socket, or host and port


class Gate(Relay):
    """Hands on to `target` whatever comes to 127.0.0.1:`port`; with a `context` it is TLS in front and none behind."""

    def __init__(self, target: Address, context: ssl.SSLContext | None = None) -> None:
        super().__init__(context)
        self.target = target
        self.silent = False  # takes connections and says nothing, as a machine that hangs
        self.taken = 0  # connections so far

    def hush(self) -> None:
        """Nobody answers any more, and nobody is refused either; until `silent` is False again."""
        self.silent = True
        self.drop()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        if self.silent:
            while await reader.read():
                pass
            return
        server, to_server = await self._connect()
        there = asyncio.ensure_future(hand_on(reader, to_server))
        back = asyncio.ensure_future(hand_on(server, writer))
        try:
            await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        finally:
            there.cancel()
            back.cancel()
            to_server.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, str):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection(*self.target)
