"""Everything an editor may read about a picture that cannot be used."""

import errno
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

USE_INSTEAD = "Use JPEG, PNG, WebP, AVIF, GIF or HEIC."
LONGEST_NAME = 80  # characters; a longer name would push the sentence off the screen


class BadImage(ValueError):
    """The file cannot be used. `str(error)` says why and what to do, in words, and names the file."""


class CutOff(Exception):
    """The file ends before its own structure says so."""


class Damaged(Exception):
    """The structure of the file makes no sense."""


# Pillow and pi_heif have raised every one of these on odd files. MemoryError is not among them: sizes
# are checked first, so it is the machine that is short of memory, and another try may work.
ODD_FILE_ERRORS: tuple[type[Exception], ...] = (
    Damaged,
    Image.DecompressionBombError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@contextmanager
def only_bad_image(filename: str) -> Iterator[None]:
    """Turns whatever an odd file provokes into a BadImage, and keeps Pillow's warnings out of the log."""
    # Entering and leaving this in several threads can at worst leave the narrow filter below in place.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"(PIL|pi_heif)\.")
        try:
            yield
        except BadImage:
            raise
        except CutOff as error:
            raise cut_off(filename) from error
        except OSError as error:
            # A disk that fails is not the picture's fault. Pillow's own errors carry no number, and a
            # nonsensical offset in the file makes seek() say EINVAL.
            if error.errno not in (None, errno.EINVAL):
                raise
            raise damaged(filename) from error
        except ODD_FILE_ERRORS as error:
            raise damaged(filename) from error


def not_a_picture(filename: str, looks_like: str | None) -> BadImage:
    guess = f" (it looks like {looks_like})" if looks_like else ""
    return BadImage(f"{shown(filename)} isn't a picture we can read{guess}. {USE_INSTEAD}")


def empty(filename: str) -> BadImage:
    return BadImage(f"{shown(filename)} is empty. Copy it from the camera again.")


def too_many_pixels(filename: str, width: int, height: int, limit: int) -> BadImage:
    size = f"{width:,} × {height:,}"
    return BadImage(f"{shown(filename)}: This picture is {size}. The limit is {limit / 1e6:,g} megapixels.")


def too_many_frames(filename: str, limit: int) -> BadImage:
    return BadImage(
        f"{shown(filename)} has more than {limit:,} frames. The limit is {limit:,}. "
        "Export a shorter copy and try again."
    )


def cut_off(filename: str) -> BadImage:
    return BadImage(f"{shown(filename)}: The file is cut off. Copy it from the camera again.")


def damaged(filename: str) -> BadImage:
    return BadImage(f"{shown(filename)} is damaged and can't be read. Export it again and upload the new copy.")


def shown(filename: str) -> str:
    """The name as it may appear in a sentence: one line, of bearable length, never empty."""
    name = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in filename).strip()
    if len(name) > LONGEST_NAME:
        half = LONGEST_NAME // 2
        name = f"{name[:half]}…{name[1 - half :]}"
    return name or "This file"
