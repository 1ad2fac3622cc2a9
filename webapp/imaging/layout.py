"""What the structure of a file tells before anything is decoded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """The largest canvas that decoding would have to fill (pixels, as stored), and the number of frames.

    A walk stops counting frames one past its limit. `shown` is the upright size, where the container
    itself says so.
    """

    width: int
    height: int
    frames: int = 1
    shown: tuple[int, int] | None = None
