"""What probe says about pictures that we take."""

import io
from typing import Any

import pytest

from webapp import imaging

from .samples import (
    FORMATS,
    MIME_TYPE,
    animation,
    encoded,
    exif,
    picture,
    sample,
    two_pictures_in_one,
    zip_file,
)


def probe(data: bytes, name: str = "beach.jpg", **limits: int) -> imaging.Facts:
    return imaging.probe(io.BytesIO(data), name, **limits)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_we_promise_is_known_by_its_content(name: str) -> None:
    facts = probe(sample(name), "a-lie.txt")
    assert (facts.mime_type, facts.width, facts.height, facts.frames) == (MIME_TYPE[name], 60, 40, 1)
    assert facts.extension == imaging.MIME_TYPES[facts.mime_type]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_size_is_the_size_as_shown(name: str, orientation: int) -> None:
    facts = probe(encoded(picture(), name, exif=exif(orientation)))
    assert (facts.width, facts.height) == ((60, 40) if orientation < 5 else (40, 60))


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(value: int) -> None:
    assert probe(encoded(picture(), exif=exif(value))).width == 60


def test_broken_exif_does_not_cost_the_picture() -> None:
    assert probe(encoded(picture(), exif=b"Exif\0\0II*\0\xff\xff\xff\xffnonsense")).width == 60


def test_orientation_in_xmp_counts() -> None:
    note = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    assert probe(encoded(picture(), xmp=note)).width == 40


def test_a_phone_hdr_picture_is_an_ordinary_jpeg() -> None:
    facts = probe(two_pictures_in_one())
    assert (facts.mime_type, facts.width, facts.frames) == ("image/jpeg", 60, 1)


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP", "AVIF"])
def test_frames_are_counted(name: str) -> None:
    assert probe(animation(name, 5)).frames == 5


@pytest.mark.parametrize("name", FORMATS)
def test_bytes_behind_the_picture_are_not_our_business(name: str) -> None:
    assert probe(sample(name) + zip_file()).width == 60


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_blocks": 1}, {"quality": 100}])
def test_every_way_of_writing_a_jpeg_is_taken(options: dict[str, Any]) -> None:
    assert probe(encoded(picture(600, 400), **options)).width == 600


def test_the_file_can_be_read_again_afterwards() -> None:
    file = io.BytesIO(sample("JPEG"))
    file.seek(100)
    imaging.probe(file, "beach.jpg")
    assert file.tell() == 0
    assert file.read() == sample("JPEG")


def test_a_failing_disk_is_not_blamed_on_the_picture() -> None:
    class FailingDisk(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        imaging.probe(FailingDisk(sample("JPEG")), "beach.jpg")
