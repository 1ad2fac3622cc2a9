"""Renditions: their sizes, their colours, and that they stand upright."""

import io

import pytest
from PIL import Image

from webapp import imaging

from .samples import FORMATS, animation, colour_profile, encoded, exif, picture, sample

RED, BLUE, WHITE = (250, 0, 0), (0, 0, 250), (255, 255, 255)


def renditions(data: bytes) -> list[imaging.Picture]:
    return list(imaging.make_renditions(io.BytesIO(data), "beach.jpg"))


def opened(rendition: imaging.Picture) -> Image.Image:
    return Image.open(io.BytesIO(rendition.data))


def close(pixel: object, wanted: tuple[int, ...], by: int = 40) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= by for one, other in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((1, 1), [1]),
        ((200, 100), [200]),
        ((400, 10), [400]),
        ((1000, 10), [400, 640, 960, 1000]),
        ((1920, 10), [400, 640, 960, 1920]),
        ((4000, 300), [400, 640, 960, 1920]),
    ],
)
def test_widths_are_the_sizes_up_to_the_picture_itself(size: tuple[int, int], widths: list[int]) -> None:
    made = renditions(encoded(Image.new("RGB", size), "PNG"))
    assert [(one.format, one.width) for one in made] == [(name, width) for width in widths for name in ("webp", "jpeg")]


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_said_of_a_rendition_is_true_of_its_bytes(name: str) -> None:
    for made in renditions(sample(name)):
        image = opened(made)
        assert (image.format or "").lower() == made.format
        assert Image.MIME[image.format or ""] == made.mime_type
        assert image.size == (made.width, made.height) == (60, 40)
        assert close(image.convert("RGB").getpixel((10, 5)), RED)
        assert close(image.convert("RGB").getpixel((50, 5)), BLUE)


@pytest.mark.parametrize("size", [(1, 60_000), (60_000, 1), (300, 20_000), (1920, 20_000)])
def test_extreme_shapes_fit_the_formats(size: tuple[int, int]) -> None:
    for made in renditions(encoded(Image.new("L", size, 200), "PNG")):
        assert opened(made).size == (made.width, made.height)
        assert made.height <= 16_383


QUARTERS = {"R": (250, 0, 0), "G": (0, 250, 0), "B": (0, 0, 250), "W": (250, 250, 250)}
# How a file that stores RG over BW is shown: top left, top right, bottom left, bottom right.
SHOWN = {1: "RGBW", 2: "GRWB", 3: "WBGR", 4: "BWRG", 5: "RBGW", 6: "BRWG", 7: "WGBR", 8: "GWRB"}


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC"])
@pytest.mark.parametrize("orientation", SHOWN)
def test_every_rendition_stands_upright(name: str, orientation: int) -> None:
    data = encoded(in_quarters(400, 300), name, exif=exif(orientation))
    for made in renditions(data):
        assert (made.width > made.height) == (orientation < 5)
        image = opened(made).convert("RGB")
        places = [(x * image.width // 4, y * image.height // 4) for y in (1, 3) for x in (1, 3)]
        for place, letter in zip(places, SHOWN[orientation], strict=True):
            assert close(image.getpixel(place), QUARTERS[letter])
        assert dict(image.getexif()) == {}


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_every_png_mode_keeps_its_look(mode: str) -> None:
    image = Image.new("I;16", (60, 40), 40_000) if mode == "I;16" else picture(mode="L").convert(mode)
    wanted = (
        40_000 // 257 if mode == "I;16" else picture(mode="L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    )
    for made in renditions(encoded(image, "PNG")):
        average = opened(made).convert("L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        assert isinstance(average, int)
        assert isinstance(wanted, int)
        assert abs(average - wanted) < 8


def test_cmyk_becomes_rgb() -> None:
    for made in renditions(encoded(picture(mode="CMYK"))):
        assert opened(made).mode == "RGB"
        assert close(opened(made).getpixel((10, 5)), RED)


def test_transparency_stays_in_webp_and_is_white_in_jpeg() -> None:
    image = picture(mode="RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 30, 40))
    webp, jpeg = map(opened, renditions(encoded(image, "PNG")))
    assert webp.mode == "RGBA"
    assert webp.getpixel((10, 20))[3] == 0  # type: ignore[index]
    assert close(jpeg.getpixel((10, 20)), WHITE)
    assert close(jpeg.getpixel((50, 5)), BLUE)


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_colour_declared_transparent_is_transparent(mode: str) -> None:
    image = Image.new(mode, (60, 40), 0)
    image.paste(picture(30, 40, mode), (30, 0))
    transparent = (0, 0, 0) if mode == "RGB" else 0
    webp, _ = map(opened, renditions(encoded(image, "PNG", transparency=transparent)))
    assert webp.getpixel((10, 20))[3] == 0  # type: ignore[index]


def test_an_opaque_alpha_channel_is_dropped() -> None:
    assert opened(renditions(encoded(picture(mode="RGBA"), "PNG"))[0]).mode == "RGB"


def test_colours_are_converted_by_the_profile_of_the_file() -> None:
    turned = swapped_profile(colour_profile())
    for made in renditions(encoded(picture(), "PNG", icc_profile=turned)):
        assert close(opened(made).getpixel((10, 5)), BLUE, by=60)  # red and blue are swapped in this profile


@pytest.mark.parametrize(
    "profile",
    [b"nonsense", colour_profile()[:100], colour_profile("LAB")],
    ids=["nonsense", "cut off", "of another kind"],  # a profile holds the time at which it was made
)
def test_a_profile_that_makes_no_sense_is_ignored(profile: bytes) -> None:
    for made in renditions(encoded(picture(), "PNG", icc_profile=profile)):
        assert close(opened(made).getpixel((10, 5)), RED)


def test_of_an_animation_the_first_frame_is_shown() -> None:
    for name in ("GIF", "PNG", "WEBP", "AVIF"):
        webp = opened(renditions(animation(name, 3))[0])
        assert getattr(webp, "n_frames", 1) == 1
        assert close(webp.convert("RGB").getpixel((5, 5)), (250, 20, 0))


def test_damage_that_only_decoding_shows_is_told_in_words() -> None:
    data = bytearray(encoded(Image.effect_noise((400, 300), 90), "PNG"))
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    with pytest.raises(imaging.BadImage, match=r"^beach.jpg is damaged and can't be read\. Export it again"):
        renditions(bytes(data))


def test_what_probe_refuses_is_not_rendered() -> None:
    with pytest.raises(imaging.BadImage, match="it looks like HTML"):
        renditions(b"<html>")
    with pytest.raises(imaging.BadImage, match="The limit is 0.001 megapixels"):
        list(imaging.make_renditions(io.BytesIO(sample("JPEG")), "x.jpg", max_pixels=1000))


def test_average_colour() -> None:
    for made in renditions(encoded(Image.new("RGB", (50, 50), "#336699"), "PNG")):
        colour = imaging.average_colour(made.data)
        assert close(tuple(bytes.fromhex(colour[1:])), (0x33, 0x66, 0x99), by=3)


def test_average_colour_of_nothing() -> None:
    with pytest.raises(imaging.BadImage):
        imaging.average_colour(b"nothing")


def swapped_profile(profile: bytes) -> bytes:
    """The same profile with the places of its red and blue primaries exchanged."""
    return profile.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")


def in_quarters(width: int, height: int) -> Image.Image:
    small = Image.new("RGB", (2, 2))
    small.putdata(list(QUARTERS.values()))
    return small.resize((width, height), Image.Resampling.NEAREST)


def test_a_heic_that_crashes_its_decoder_is_told_in_words() -> None:
    crashing = encoded(picture(), "HEIC", exif=exif()).replace(b"\0\0Exif\0", b"\0\0\xbexif\0", 1)
    assert imaging.probe(io.BytesIO(crashing), "beach.heic").width == 60
    with pytest.raises(imaging.BadImage, match="is damaged"):
        renditions(crashing)


@pytest.mark.parametrize("name", ["HEIC", "AVIF"])
def test_a_decoder_that_takes_too_much_memory_is_stopped(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.imaging.decoding.SPARE_BYTES", 20_000_000)
    with pytest.raises(imaging.BadImage, match="is damaged"):
        renditions(sample(name))


def test_a_large_heic_or_avif_fits_into_the_memory_they_get() -> None:
    for name, options in (("HEIC", {"quality": 10}), ("AVIF", {"quality": 10, "speed": 10})):
        data = encoded(Image.new("RGBA", (3000, 2000), "red"), name, **options)
        assert len(renditions(data)) == 8
