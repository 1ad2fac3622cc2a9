"""What probe refuses, in the very words an editor reads."""

import io
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.security.rows import threat
from webapp import imaging

from .nasty import BOMBS, NOT_PICTURES, large_png
from .samples import animation, sample, with_thumbnail_and_no_end


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
        sample("PNG")[:33] + sample("PNG")[-12:],
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
