"""Nasty files: `python -m tests.support.hostile FOLDER` writes them. Always the same, but for moments in some."""

from __future__ import annotations

import random
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from tests.imaging.nasty import BOMBS, NOT_PICTURES, large_png
from tests.imaging.samples import (
    FORMATS,
    animation,
    encoded,
    exif,
    picture,
    sample,
    two_pictures_in_one,
    with_thumbnail_and_no_end,
    zip_file,
)

File = tuple[str, bytes]
ENDING = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "GIF": "gif", "HEIC": "heic"}


def hostile_files(every: int = 1) -> Iterator[File]:
    """Cut off and changed at each `every` percent; everything else once."""
    whole = dict(whole_files())
    yield from whole.items()
    yield from crooked_files()
    yield from giant_headers()
    yield from two_things_at_once()
    for name, data in whole.items():
        yield from ((f"cut-{n}-{name}", data[: len(data) * n // 100]) for n in range(1, 100, every))
        yield from ((f"flip-{n}-{name}", flipped(data, n)) for n in range(1, 100, every))


def whole_files() -> Iterator[File]:
    """Good ones of every kind, odd but right: each must be taken."""
    yield from ((f"plain.{ENDING[name]}", sample(name)) for name in FORMATS)
    yield from ((f"dance.{ENDING[name]}", animation(name, 5)) for name in ("GIF", "PNG", "WEBP", "AVIF"))
    yield from ((f"orientation-{n}.jpg", encoded(picture(), exif=exif(n))) for n in range(1, 9))
    yield "progressive.jpg", encoded(picture(), progressive=True)
    yield "cmyk.jpg", encoded(picture(mode="CMYK"))
    yield "grey.jpg", encoded(picture(mode="L"))
    yield "palette.png", encoded(picture(mode="P"), "PNG")
    yield "alpha.png", encoded(picture(mode="RGBA"), "PNG")
    yield "one-bit.png", encoded(picture(mode="1"), "PNG")
    yield "sixteen-bit.png", encoded(Image.linear_gradient("L").convert("I;16"), "PNG")
    yield "lossless.webp", encoded(picture(), "WEBP", lossless=True)
    yield "phone-hdr.jpg", two_pictures_in_one()


def crooked_files() -> Iterator[File]:
    """What is empty, is something else than its ending says, or claims to be huge."""
    yield "empty.jpg", b""
    yield "one-byte.png", b"\x89"
    yield "zeros.jpg", bytes(10_000)
    yield "cut-off-but-for-its-thumbnail.jpg", with_thumbnail_and_no_end()
    for name, data in zip(FORMATS, [*map(sample, FORMATS[1:]), sample(FORMATS[0])], strict=True):
        yield f"really-something-else.{ENDING[name]}", data
    for word, many in NOT_PICTURES.items():
        yield from ((f"{word}-{n}.{('jpg', 'png', 'gif')[n % 3]}", data) for n, data in enumerate(many))
    yield from ((f"bomb-{name}", make()) for name, (make, _) in BOMBS.items())


def giant_headers() -> Iterator[File]:
    """Right or wrong, they have far more to say before the picture than the picture has."""
    jpeg, png, webp = sample("JPEG"), sample("PNG"), sample("WEBP")
    segment = b"\xff\xe5\xff\xff" + bytes(65_533)
    yield "twelve-megabytes-before.jpg", jpeg[:2] + segment * 190 + jpeg[2:]
    yield "comments-before.jpg", jpeg[:2] + b"\xff\xfe\0\6abcd" * 100_000 + jpeg[2:]
    yield "text-before.png", png[:33] + chunk(b"tEXt", b"Comment\0" + b"x" * 8_000_000) + png[33:]
    yield "packed-text-before.png", png[:33] + chunk(b"zTXt", b"C\0\0" + zlib.compress(bytes(200_000_000))) + png[33:]
    yield "packed-profile-before.png", png[:33] + chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(99_000_000))) + png[33:]
    body = webp[12:] + b"EXIF" + struct.pack("<I", 6_000_000) + bytes(6_000_000)
    yield "exif-behind.webp", b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    yield "lying-about-its-length.webp", webp[:4] + b"\xff\xff\xff\x7f" + webp[8:]
    yield "lying-about-its-length.png", png[:8] + b"\x7f\xff\xff\xff" + png[12:]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def two_things_at_once() -> Iterator[File]:
    script = b"<script>alert(1)</script>"
    jpeg, gif = sample("JPEG"), sample("GIF")
    yield "picture-and-zip.jpg", jpeg + zip_file()
    yield "picture-and-page.jpg", jpeg + b"<html>" + script
    yield "page-in-a-comment.jpg", encoded(picture(), comment=script)
    yield "picture-and-pdf.jpg", encoded(picture(), comment=b"%PDF-1.4\n1 0 obj<</JS(app.alert(1))>>endobj\n%%EOF")
    yield "gif-and-javascript.gif", gif[:6] + b"=1;/*" + gif[6:] + b"*/alert(1)"
    yield "png-and-php.png", sample("PNG") + b"<?php system($_GET['c']); ?>"
    yield "program-first.jpg", b"MZ\x90\0" + jpeg
    yield "zip-first.png", zip_file() + sample("PNG")


def flipped(data: bytes, percent: int) -> bytes:
    """One bit another, so many percent into it."""
    changed = bytearray(data)
    changed[len(data) * percent // 100] ^= 1 << random.Random(percent).randrange(8)
    return bytes(changed)


def heavy_files() -> Iterator[File]:
    """As large as is allowed: their renditions take seconds and a few hundred megabytes."""
    yield "forty-nine-megapixels.png", large_png(7_000, 7_000)
    yield "forty-nine-megapixels.jpg", encoded(Image.new("RGB", (7_000, 7_000), "teal"))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    files = [*hostile_files(), *heavy_files()]
    for name, data in files:
        (folder / name).write_bytes(data)
    print(f"{len(files)} files in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
