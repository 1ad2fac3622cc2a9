"""A file that lost its tail is found out without decoding it, wherever the cut is."""

import io

import pytest

from tests.security.rows import threat
from webapp import imaging

from .samples import FORMATS, animation, encoded, exif, picture, sample, two_pictures_in_one

WHOLE = {
    **{name: sample(name) for name in FORMATS},
    "JPEG with EXIF": encoded(picture(), exif=exif(6)),
    "progressive JPEG": encoded(picture(), progressive=True),
    "lossless WebP": encoded(picture(), "WEBP", lossless=True),
    "animated GIF": animation("GIF", 4),
    "animated PNG": animation("PNG", 4),
    "animated WebP": animation("WEBP", 4),
    "animated AVIF": animation("AVIF", 4),
}
SHORTEST = 40  # bytes; less may not even tell what the file wants to be


@threat(6)
@pytest.mark.parametrize("name", WHOLE)
def test_a_cut_anywhere_is_noticed(name: str) -> None:
    whole = WHOLE[name]
    imaging.probe(io.BytesIO(whole), "x")
    for length in {*range(SHORTEST, len(whole), 7), len(whole) - 1, len(whole) - 2}:
        with pytest.raises(imaging.BadImage) as caught:
            imaging.probe(io.BytesIO(whole[:length]), "x")
        assert str(caught.value) == "x: The file is cut off. Copy it from the camera again.", length


@pytest.mark.parametrize("name", WHOLE)
def test_shorter_stumps_are_refused_too(name: str) -> None:
    for length in range(SHORTEST):
        with pytest.raises(imaging.BadImage):
            imaging.probe(io.BytesIO(WHOLE[name][:length]), "x")


def test_a_phone_hdr_picture_may_lose_its_second_part() -> None:
    whole = two_pictures_in_one()
    assert imaging.probe(io.BytesIO(whole[:-50]), "x").width == 60
    assert len(list(imaging.make_renditions(io.BytesIO(whole[:-50]), "x"))) == 2
