"""Looking around in a file of any size with little memory and bounded work."""

import re
from typing import IO

from webapp.imaging.words import CutOff, Damaged

WINDOW = 16 * 1024  # bytes held at a time
MAX_LOOKS = 500_000  # about half a second; an ordinary 100 MB GIF needs 400,000


class Window:
    """Reads a file through a small sliding window. Offsets and lengths are in bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = file.seek(0, 2)
        self._start = 0
        self._bytes = b""
        self._looks = 0

    def at(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes; raises CutOff where the file has fewer."""
        self._slide_to(offset, length)
        begin = offset - self._start
        return self._bytes[begin : begin + length]

    def number(self, offset: int, length: int) -> int:
        """The big-endian number there."""
        return int.from_bytes(self.at(offset, length), "big")

    def find(self, pair: re.Pattern[bytes], offset: int) -> int:
        """Where a two-byte pattern next occurs; raises CutOff if nowhere."""
        while True:
            self._slide_to(offset, 2)
            if match := pair.search(self._bytes, offset - self._start):
                return self._start + match.start()
            offset = self._start + len(self._bytes) - 1  # the pair may lie across the edge

    def _slide_to(self, offset: int, length: int) -> None:
        if offset + length > self.size:
            raise CutOff
        # Counting here, and nowhere else, stops every kind of file made of a million tiny pieces.
        self._looks += 1
        if self._looks > MAX_LOOKS:
            raise Damaged
        if offset < self._start or offset + length > self._start + len(self._bytes):
            self._file.seek(offset)
            self._start = offset
            self._bytes = self._file.read(max(length, WINDOW))
