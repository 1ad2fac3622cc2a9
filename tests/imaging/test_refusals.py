"""What probe refuses, in the very words an editor reads."""

import io
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from PIL import Image

from tests.security.rows import threat
from webapp import imaging

from .samples import animation, encoded, sample, with_thumbnail_and_no_end, zip_file

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

NOT_PICTURES = {
    "SVG": [SVG, b"<svg onload='alert(1)'/>", "\ufeff<svg/>".encode(), "<svg/>".encode("utf-16")],
    "HTML": [b"<!DOCTYPE html><p>Hi", b"  <html><svg></svg></html>", b"<script>alert(1)</script>"],
    "PDF": [b"%PDF-1.7\n%\xe2\xe3", b"\n\n%PDF-1.4"],
    "EPS": [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xc5\xd0\xd3\xc6" + bytes(30)],
    "ZIP": [zip_file()],
    "TIFF": [encoded(Image.new("RGB", (9, 9)), "TIFF"), b"MM\0*" + bytes(99)],
    "BMP": [encoded(Image.new("RGB", (9, 9)), "BMP")],
    "text": [b"push graphic-context\nfill 'url(https://example.com/)'", b"a", "猫 ".encode() * 2000],
    "video": [b"\0\0\0\x18ftypmp42" + bytes(40), b"RIFF\0\0\0\0AVI LIST", b"\x1a\x45\xdf\xa3" + bytes(40)],
}


def refusal(data: bytes, name: str, **limits: int) -> str:
    with pytest.raises(imaging.BadImage) as caught:
        imaging.probe(io.BytesIO(data), name, **limits)
    return str(caught.value)


@threat(1)
@pytest.mark.parametrize(("word", "data"), [(word, data) for word, many in NOT_PICTURES.items() for data in many])
def test_what_is_no_picture_is_named_for_what_it_looks_like(word: str, data: bytes) -> None:
    formats = "JPEG, PNG, WebP, AVIF, GIF or HEIC"
    assert refusal(data, "notes.png") == (
        f"notes.png isn't a picture we can read (it looks like {word}). Use {formats}."
    )


@pytest.mark.parametrize("data", [bytes(100), b"\xff\xd8", b"\x89PNX", b"RIFF\xff\0\0\0WAVE", bytes(range(256))])
def test_without_a_guess_none_is_made(data: bytes) -> None:
    assert refusal(data, "x.jpg") == "x.jpg isn't a picture we can read. Use JPEG, PNG, WebP, AVIF, GIF or HEIC."


def test_an_empty_file() -> None:
    assert refusal(b"", "x.jpg") == "x.jpg is empty. Copy it from the camera again."


@threat(2)
def test_too_many_pixels() -> None:
    assert refusal(large_png(13_500, 13_500), "wall.png") == (
        "wall.png: This picture is 13,500 × 13,500. The limit is 50 megapixels."
    )


def test_the_limit_is_a_setting_and_belongs_to_the_allowed() -> None:
    assert refusal(sample("PNG"), "x.png", max_pixels=2399).endswith("The limit is 0.002399 megapixels.")
    assert imaging.probe(io.BytesIO(sample("PNG")), "x.png", max_pixels=2400).width == 60


@threat(2)
@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP", "AVIF"])
def test_too_many_frames(name: str) -> None:
    data = animation(name, 6)
    assert refusal(data, "dance.gif", max_frames=5) == (
        "dance.gif has more than 5 frames. The limit is 5. Export a shorter copy and try again."
    )
    assert imaging.probe(io.BytesIO(data), "dance.gif", max_frames=6).frames == 6


def test_a_cut_off_file() -> None:
    words = "x.jpg: The file is cut off. Copy it from the camera again."
    assert refusal(sample("JPEG")[:-2], "x.jpg") == words


def test_the_thumbnail_of_a_cut_off_file_fools_nobody() -> None:
    assert "The file is cut off." in refusal(with_thumbnail_and_no_end(), "x.jpg")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xd9",
        sample("PNG")[:12] + b"junk" + sample("PNG")[16:],
        sample("PNG")[:16] + bytes(8) + sample("PNG")[24:],
        sample("GIF")[:6] + bytes(4) + b"\0\0\0;",
        sample("JPEG")[:-2] + b"\xff\xda\0\2" * 200 + b"\xff\xd9",
    ],
)
def test_a_damaged_file(data: bytes) -> None:
    assert refusal(data, "x.jpg") == "x.jpg is damaged and can't be read. Export it again and upload the new copy."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("猫.jpg", "猫.jpg"),
        ("../../x", "../../x"),
        ("", "This file"),
        (" ", "This file"),
        ("a\0b\n\u202ec.jpg", "a�b��c.jpg"),
        ("x\udcff.jpg", "x�.jpg"),
        ("n" * 296 + ".jpg", "n" * 40 + "…" + "n" * 35 + ".jpg"),
    ],
)
def test_any_name_can_stand_in_the_sentence(name: str, shown: str) -> None:
    assert refusal(b"", name).startswith(f"{shown} is empty.")


def test_pillow_does_not_warn_in_the_log() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert imaging.probe(io.BytesIO(large_png(10_000, 9_000)), "x.png", max_pixels=10**8).width == 10_000


def large_png(width: int, height: int) -> bytes:
    return encoded(Image.new("1", (width, height)), "PNG")


def forged_avif(width: int, height: int) -> bytes:
    data, size = sample("AVIF"), struct.pack(">II", 60, 40)
    assert size in data
    return data.replace(size, struct.pack(">II", width, height))


def forged_webp(width: int, height: int) -> bytes:
    data = animation("WEBP", 2)
    return data[:24] + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little") + data[30:]


def endless_gif(frames: int) -> bytes:
    one = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + one * frames + b";"


def forged_avif_frames(count: int) -> bytes:
    data = animation("AVIF", 3)
    at = data.index(b"stsz") + 12
    return data[:at] + struct.pack(">I", count) + data[at + 4 :]


def crumbs_of_png(count: int) -> bytes:
    whole = sample("PNG")
    return whole[:33] + (bytes(4) + b"teSt" + bytes(4)) * count + whole[33:]


BOMBS = {
    "9000x9000.png": (lambda: large_png(9_000, 9_000), "9,000 × 9,000"),
    "17000x17000.avif": (lambda: forged_avif(17_000, 17_000), "17,000 × 17,000"),
    "16000x16000.webp": (lambda: forged_webp(16_000, 16_000), "16,000 × 16,000"),
    "million.gif": (lambda: endless_gif(1_000_000), "more than 500 frames"),
    "million.avif": (lambda: forged_avif_frames(1_000_000), "more than 500 frames"),
    "crumbs.png": (lambda: crumbs_of_png(600_000), "is damaged"),
}

REFUSE_IN_LITTLE_MEMORY = f"""
import resource, sys, time, types
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
sys.modules["webapp"] = types.ModuleType("webapp")  # without the application, which takes seconds to load
sys.modules["webapp"].__path__ = [sys.path[0] + "/webapp"]
from webapp import imaging
used = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmSize"))
resource.setrlimit(resource.RLIMIT_AS, (used * 1024 + 32_000_000,) * 2)
started = time.process_time()
try:
    imaging.probe(open(sys.argv[1], "rb"), "bomb")
except imaging.BadImage as error:
    print(error)
assert time.process_time() - started < 2
"""


@threat(2)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_quickly_with_32_megabytes_to_spare(name: str, tmp_path: Path) -> None:
    make, words = BOMBS[name]
    (tmp_path / name).write_bytes(make())
    command = [sys.executable, "-c", REFUSE_IN_LITTLE_MEMORY, str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert words in done.stdout
