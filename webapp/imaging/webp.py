"""Walking the chunks of a WebP."""

from webapp.imaging.layout import Layout
from webapp.imaging.window import Window
from webapp.imaging.words import CutOff

RIFF_HEADER, CHUNK_HEADER = 12, 8


def walk(window: Window, max_frames: int) -> Layout:
    """Raises CutOff if the file is shorter than it says."""
    end = CHUNK_HEADER + _little(window.at(4, 4))
    if end > window.size:
        raise CutOff
    frames, at = 0, RIFF_HEADER
    while at + CHUNK_HEADER <= end and frames <= max_frames:
        frames += window.at(at, 4) == b"ANMF"
        length = _little(window.at(at + 4, 4))
        at += CHUNK_HEADER + length + length % 2
    return Layout(*_canvas(window), frames=max(frames, 1))


def _little(some_bytes: bytes) -> int:
    return int.from_bytes(some_bytes, "little")


def _canvas(window: Window) -> tuple[int, int]:
    chunk, body = window.at(RIFF_HEADER, 4), window.at(RIFF_HEADER + CHUNK_HEADER, 10)
    if chunk == b"VP8X":
        return _little(body[4:7]) + 1, _little(body[7:10]) + 1
    if chunk == b"VP8L":
        bits = _little(body[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(body[6:8]) & 0x3FFF, _little(body[8:10]) & 0x3FFF
