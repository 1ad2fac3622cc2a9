"""Whatever is done to a file, the worst that comes of it is a sentence for the editor."""

import io
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.security.rows import threat
from webapp import imaging

from .samples import FORMATS, animation, encoded, exif, picture, sample, two_pictures_in_one

SEEDS = [
    *(sample(name) for name in FORMATS),
    *(animation(name, 3) for name in ("GIF", "PNG", "WEBP", "AVIF")),
    *(encoded(picture(), name, exif=exif(6)) for name in ("JPEG", "PNG", "WEBP", "AVIF", "HEIC")),
    encoded(picture(mode="RGBA"), "PNG"),
    encoded(picture(mode="CMYK"), "JPEG"),
    encoded(picture(), "JPEG", progressive=True),
    two_pictures_in_one(),
]

# Headers are where the sense is, so half of the harm is done there.
PLACES = st.one_of(st.integers(0, 200), st.integers(0, 100_000))
HARM = st.lists(st.tuples(PLACES, st.integers(0, 255)), max_size=12)


@threat(6)
@settings(max_examples=400)
@given(st.sampled_from(SEEDS), HARM, st.one_of(st.none(), st.integers(0, 5000)), st.binary(max_size=20))
def test_only_bad_image_is_ever_raised(seed: bytes, harm: list[tuple[int, int]], cut: int | None, tail: bytes) -> None:
    data = bytearray(seed)
    for place, value in harm:
        data[place % len(data)] = value
    data = data[:cut] + tail
    with suppress(imaging.BadImage):
        imaging.probe(io.BytesIO(data), "x.jpg")
    with suppress(imaging.BadImage):
        for made in imaging.make_renditions(io.BytesIO(data), "x.jpg", max_pixels=1_000_000):
            imaging.average_colour(made.data)


@settings(max_examples=300)
@given(st.binary(max_size=400), st.sampled_from([seed[:12] for seed in SEEDS] + [b""]))
def test_noise_is_refused(noise: bytes, start: bytes) -> None:
    with suppress(imaging.BadImage):
        imaging.probe(io.BytesIO(start + noise), "x.jpg")
