"""Nothing but pixels reaches the public: no place, no name, no comment, nothing hidden behind."""

import io

import pytest

from tests.security.rows import threat
from webapp import imaging

from .samples import SECRETS, colour_profile, encoded, exif, picture, sample, zip_file

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">secret http://ns.adobe</x:xmpmeta>'


def full_of_secrets() -> dict[str, bytes]:
    everything = {"exif": exif(), "icc_profile": colour_profile(), "xmp": XMP}
    return {
        "JPEG": encoded(picture(), "JPEG", comment=b"secret", **everything),
        "WEBP": encoded(picture(), "WEBP", **everything),
        "AVIF": encoded(picture(), "AVIF", **everything),
        "HEIC": encoded(picture(), "HEIC", exif=exif(), xmp=XMP),
        "GIF": encoded(picture(), "GIF", comment=b"secret"),
        "PNG": encoded(picture(), "PNG", exif=exif(), icc_profile=colour_profile(), pnginfo=secret_text()),
        "JPEG and a zip": sample("JPEG") + b"secret" + zip_file(),
        "PNG and a zip": sample("PNG") + b"secret" + zip_file(),
    }


def secret_text() -> object:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Comment", "secret")
    return text


@threat(3)
@threat(4)
@pytest.mark.parametrize("name", full_of_secrets())
def test_no_rendition_holds_a_byte_that_is_not_picture(name: str) -> None:
    data = full_of_secrets()[name]
    assert any(secret in data for secret in SECRETS)
    made = list(imaging.make_renditions(io.BytesIO(data), "x"))
    assert len(made) == 2
    for rendition in made:
        assert [secret for secret in (*SECRETS, b"PK\3\4", b"script") if secret in rendition.data] == []


def test_a_jpeg_rendition_is_a_jpeg_to_its_last_byte() -> None:
    _, jpeg = imaging.make_renditions(io.BytesIO(sample("JPEG") + zip_file()), "x")
    assert jpeg.data.endswith(b"\xff\xd9")
    assert jpeg.data.count(b"\xff\xd9") == 1


def test_a_picture_with_a_zip_behind_it_passes_the_probe() -> None:
    assert imaging.probe(io.BytesIO(sample("JPEG") + zip_file()), "x").mime_type == "image/jpeg"
