"""Walking a PNG from chunk to chunk to IEND."""

from webapp.imaging.layout import Layout
from webapp.imaging.window import Window
from webapp.imaging.words import Damaged

AFTER_SIGNATURE = 8
AROUND_DATA = 12  # a length, a name and a checksum of 4 bytes each


def walk(window: Window, max_frames: int) -> Layout:
    """Raises CutOff without a whole IEND, Damaged without anything to see.

    Frames are what an animated PNG claims or holds, if more.
    """
    at, frames, claimed, pieces = AFTER_SIGNATURE, 0, 1, 0
    if window.at(at + 4, 4) != b"IHDR":
        raise Damaged
    size = window.number(at + 8, 4), window.number(at + 12, 4)
    while (name := window.at(at + 4, 4)) != b"IEND":
        if name == b"acTL":
            claimed = window.number(at + 8, 4)
        frames += name == b"fcTL"
        pieces += name == b"IDAT"
        if max(frames, claimed) > max_frames:
            return Layout(*size, frames=max_frames + 1)
        at += window.number(at, 4) + AROUND_DATA
    window.at(at, AROUND_DATA)
    if not pieces:
        raise Damaged
    return Layout(*size, frames=max(frames, claimed))
