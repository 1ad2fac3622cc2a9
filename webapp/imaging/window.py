"""Looking around in a file of any size with little memory, and with work in proportion to its size."""

import math
import re
from typing import IO

from webapp.imaging.words import CutOff, Damaged

WINDOW = 16 * 1024  # bytes held at a time
# A million looks take about a second. An ordinary GIF needs one for each 256 bytes, and hardly any file needs more.
LOOKS_OF_ANY, BYTES_A_LOOK, MAX_LOOKS = 20_000, 128, 500_000


class Window:
    """Reads a file through a small sliding window. Offsets and lengths are in bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = file.seek(0, 2)
        self._start = 0
        self._bytes = b""
        self._looks_left = min(MAX_LOOKS, LOOKS_OF_ANY + self.size // BYTES_A_LOOK)

    def at(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes; raises CutOff where the file has fewer."""
        self._slide_to(offset, length)
        begin = offset - self._start
        return self._bytes[begin : begin + length]

    def number(self, offset: int, length: int) -> int:
        """The big-endian number there."""
        return int.from_bytes(self.at(offset, length), "big")

    def find(self, pair: re.Pattern[bytes], offset: int, *, within: int | None = None) -> int:
        """Where a two-byte pattern next occurs; raises CutOff if nowhere, Damaged if not within so many bytes."""
        last = math.inf if within is None else offset + within
        while offset <= last:
            self._slide_to(offset, 2)
            if match := pair.search(self._bytes, offset - self._start):
                offset = self._start + match.start()
                break
            offset = self._start + len(self._bytes) - 1  # the pair may lie across the edge
        if offset > last:
            raise Damaged
        return offset

    def _slide_to(self, offset: int, length: int) -> None:
        if offset + length > self.size:
            raise CutOff
        # Counting here, and nowhere else, stops every kind of file made of a million tiny pieces.
        self._looks_left -= 1
        if self._looks_left < 0:
            raise Damaged
        if offset < self._start or offset + length > self._start + len(self._bytes):
            self._file.seek(offset)
            self._start = offset
            self._bytes = self._file.read(max(length, WINDOW))
