"""Pictures for load tests: tiny, real, and each with bytes of its own."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw


def tiny_jpeg(number: int) -> bytes:
    """64 × 48 with its number on it."""
    picture = Image.new("RGB", (64, 48), (number * 37 % 256, number * 91 % 256, number * 53 % 256))
    ImageDraw.Draw(picture).text((4, 16), str(number), fill="white")
    return saved(picture)


def noisy_jpeg(size: int) -> bytes:
    """A JPEG of about this many bytes, another each time."""
    side = int((size / 0.7) ** 0.5)
    return saved(Image.effect_noise((side, side), 64).convert("RGB"), quality=88)


def saved(picture: Image.Image, quality: int = 90) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()
