"""Getting at the pixels of a picture, in this process or in one of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import IO

from PIL import Image

from webapp.imaging.layout import Layout
from webapp.imaging.opening import checked, opened, orientation
from webapp.imaging.words import Damaged

# Damaged HEICs have crashed libheif's binding outright, and both these codecs believe what is inside
# the compressed data about its size, whatever the header says.
APART = {"image/heic": "HEIF", "image/avif": "AVIF"}
PROGRAM = Path(__file__).with_name("apart.py")

SPARE_BYTES = 256 * 1024 * 1024  # of address space: Python, its libraries, the stacks of their threads
BYTES_PER_PIXEL = 24  # planes, their RGB, and the copies on the way out
PATIENCE = 120  # seconds


def start_decoding(file: IO[bytes], filename: str, max_pixels: int) -> tuple[Image.Image, int]:
    """A picture and the EXIF orientation it still has. Its pixels may not have been decoded yet."""
    mime_type, layout = checked(file, filename, max_pixels, max_frames=None)
    if mime_type in APART:
        return _decoded_apart(file, APART[mime_type], layout), 1
    image = opened(file, filename, mime_type, max_pixels)
    return image, orientation(image)


def _decoded_apart(file: IO[bytes], pillow_format: str, layout: Layout) -> Image.Image:
    file.seek(0)
    memory = SPARE_BYTES + BYTES_PER_PIXEL * layout.width * layout.height
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), pillow_format, str(memory)],
            input=file.read(),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            env={"MALLOC_ARENA_MAX": "2"},  # each arena reserves 64 MB of the address space we count
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Damaged from error
    return _received(done.stdout)


def _received(message: bytes) -> Image.Image:
    header, _, pixels = message.partition(b"\n")
    facts = json.loads(header)
    image = Image.frombuffer(facts["mode"], facts["size"], pixels, "raw", facts["mode"], 0, 1)
    if facts["icc_profile"]:
        image.info["icc_profile"] = bytes.fromhex(facts["icc_profile"])
    return image
