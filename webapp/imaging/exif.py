"""What a camera wrote into a picture, as far as editors may care: a few named facts, each a short plain text.

Nothing else of the metadata is ever kept. Where a picture was taken is only said to have been there.
"""

import re
from collections.abc import Callable
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from webapp.imaging.words import ODD_FILE_ERRORS

LONGEST = 100  # characters of one fact
LARGEST = 1024 * 1024  # bytes of EXIF worth reading; cameras write some ten thousand
MOMENT = re.compile(r"(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2})(:\d{2})?")
REMOVED = "removed"


def camera_facts(image: Image.Image) -> dict[str, str]:
    """By name, in the order an editor reads them. Empty for broken EXIF: a picture with it is still a picture.

    Ask before `load()`. Never decodes.
    """
    if len(image.info.get("exif") or b"") > LARGEST or not _may_look(image):
        return {}
    try:
        return facts_in(image.getexif())
    except ODD_FILE_ERRORS:
        return {}


def _may_look(image: Image.Image) -> bool:
    """For a PNG without EXIF in front, getexif() would decode the whole picture to look for some behind it."""
    return image.format != "PNG" or bool({"exif", "Raw profile type exif"} & image.info.keys())


def facts_in(exif: Image.Exif) -> dict[str, str]:
    details = _inner(exif, IFD.Exif)
    found = {"camera": _camera(exif)}
    for name, tag, words in DETAILS:
        found[name] = _words(details, tag, words)
    found["location"] = REMOVED if _has_location(exif) else ""
    return {name: text for name, text in found.items() if text}


def _inner(exif: Image.Exif, which: IFD) -> dict[int, Any]:
    try:
        return exif.get_ifd(which)
    except ODD_FILE_ERRORS:
        return {}


def _camera(exif: Image.Exif) -> str:
    """Many models begin with their maker already."""
    maker, model = (_words(exif, tag, _text) for tag in (Base.Make, Base.Model))
    repeated = not maker or model.lower().startswith(maker.split()[0].lower())
    return model if repeated else f"{maker} {model}".strip()[:LONGEST]


def _words(values: Any, tag: int, words: Callable[[Any], str]) -> str:
    """Of one value, "" when it makes no sense; the others may."""
    try:
        value = values.get(tag)
        return words(value) if value is not None else ""
    except ODD_FILE_ERRORS:
        return ""


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    printable = "".join(c if c.isprintable() else " " for c in value.partition("\0")[0])
    return " ".join(printable.split())[:LONGEST].strip()


def _moment(value: Any) -> str:
    found = MOMENT.match(_text(value))
    if not found or found[1] == "0000":
        return ""
    return f"{found[1]}-{found[2]}-{found[3]} {found[4]}{found[5] or ''}"


def _exposure(value: Any) -> str:
    seconds = _number(value, 0.000_01, 100_000)
    return f"{seconds:g} s" if seconds >= 0.3 else f"1/{round(1 / seconds)} s"


def _aperture(value: Any) -> str:
    return f"f/{_number(value, 0.1, 1000):.3g}"


def _length(value: Any) -> str:
    return f"{_number(value, 0.1, 100_000):.4g} mm"


def _speed(value: Any) -> str:
    return f"{_number(value[0] if isinstance(value, tuple) else value, 1, 100_000_000):.0f}"


def _bias(value: Any) -> str:
    steps = _number(value, -100, 100)
    return f"{steps:+.2g} EV" if steps else ""


def _flash(value: Any) -> str:
    return "fired" if int(value) & 1 else "off"


def _number(value: Any, least: float, most: float) -> float:
    """Raises ValueError for what no camera writes, NaN too."""
    number = float(value)
    if not least <= number <= most:
        raise ValueError("No camera writes this")
    return number


def _has_location(exif: Image.Exif) -> bool:
    if IFD.GPSInfo not in exif:
        return False
    place = _inner(exif, IFD.GPSInfo)
    return not place or any(tag in place for tag in (GPS.GPSLatitude, GPS.GPSLongitude, GPS.GPSDestLatitude))


DETAILS: tuple[tuple[str, int, Callable[[Any], str]], ...] = (
    ("lens", Base.LensModel, _text),
    ("takenAt", Base.DateTimeOriginal, _moment),
    ("exposure", Base.ExposureTime, _exposure),
    ("aperture", Base.FNumber, _aperture),
    ("iso", Base.ISOSpeedRatings, _speed),
    ("focalLength", Base.FocalLength, _length),
    ("exposureBias", Base.ExposureBiasValue, _bias),
    ("flash", Base.Flash, _flash),
)
