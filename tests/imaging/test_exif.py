"""What a camera wrote: a few facts as plain text, never the place, and nothing that an odd file can break."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from webapp import imaging

from .samples import encoded, exif, picture, sample

MAKE, MODEL = 0x010F, 0x0110
DETAILS = {
    0x829A: IFDRational(1, 250),
    0x829D: IFDRational(28, 10),
    0x8827: 400,
    0x9003: "2024:06:01 10:11:12",
    0x9204: IFDRational(-1, 3),
    0x9209: 16,
    0x920A: IFDRational(35),
    0xA434: "RF35mm F1.8",
    0x9286: b"ASCII\0\0\0a comment",  # of nobody's business
}


def written(make: str = "Canon", model: str = "Canon EOS R5", place: bool = False, **details: object) -> bytes:
    tags = Image.Exif()
    tags[MAKE], tags[MODEL] = make, model
    tags.get_ifd(0x8769).update(DETAILS | {int(tag[1:], 16): value for tag, value in details.items()})
    if place:
        tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return tags.tobytes()


def facts(data: bytes) -> dict[str, str]:
    return imaging.probe(io.BytesIO(data), "x").exif


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC"])
def test_a_camera_is_read_from_the_header(name):
    assert facts(encoded(picture(), name, exif=written())) == {
        "camera": "Canon EOS R5",
        "lens": "RF35mm F1.8",
        "takenAt": "2024-06-01 10:11:12",
        "exposure": "1/250 s",
        "aperture": "f/2.8",
        "iso": "400",
        "focalLength": "35 mm",
        "exposureBias": "-0.33 EV",
        "flash": "off",
    }


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC"])
def test_of_a_place_only_that_it_was_there_is_kept(name):
    found = facts(encoded(picture(), name, exif=written(place=True)))
    assert found["location"] == "removed"
    assert not [text for text in found.values() if "52" in text or "31" in text]


def test_who_made_it_is_not_among_the_facts():
    assert facts(encoded(picture(), exif=exif())) == {"location": "removed"}


def test_a_maker_is_not_said_twice_and_a_long_exposure_in_seconds():
    assert facts(encoded(picture(), exif=written("NIKON CORPORATION", "NIKON Z 9")))["camera"] == "NIKON Z 9"
    assert facts(encoded(picture(), exif=written("Apple", "iPhone 15")))["camera"] == "Apple iPhone 15"
    assert facts(encoded(picture(), exif=written(x829A=IFDRational(30))))["exposure"] == "30 s"


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIC"])
def test_a_picture_without_any_has_none(name):
    assert facts(sample(name)) == {}


@pytest.mark.parametrize(
    ("tag", "value", "name"),
    [
        ("x829A", IFDRational(0, 0), "exposure"),
        ("x829A", IFDRational(0, 1), "exposure"),
        ("x829D", IFDRational(1, 0), "aperture"),
        ("x9003", "0000:00:00 00:00:00", "takenAt"),
        ("x9003", "<script>", "takenAt"),
        ("xA434", "\0\0\x07", "lens"),
    ],
)
def test_a_value_that_makes_no_sense_is_left_out_and_the_others_stay(tag, value, name):
    found = facts(encoded(picture(), exif=written(**{tag: value})))
    assert name not in found
    assert found["camera"] == "Canon EOS R5"


def test_a_fact_is_short_printable_text():
    found = facts(encoded(picture(), exif=written(model="<b>\x07 EOS\r\n" + "x" * 5000)))
    assert found["camera"].startswith("Canon <b> EOS xxx")
    assert len(found["camera"]) <= 100
    assert found["camera"].isprintable()


@settings(max_examples=150, derandomize=True)
@given(st.data())
def test_broken_exif_breaks_nothing(data):
    whole = bytearray(written(place=True))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(6, len(whole) - 1))] = data.draw(st.integers(0, 255))
    for text in facts(encoded(picture(), exif=bytes(whole))).values():
        assert text.isprintable()
        assert len(text) <= 100


def test_a_great_deal_of_exif_is_not_read():
    tags = Image.Exif()
    tags[MODEL] = "x" * 2_000_000
    assert facts(encoded(picture(), "WEBP", exif=tags.tobytes())) == {}
