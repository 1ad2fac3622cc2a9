"""Pictures that a person can tell apart, for tests in the browser."""

from __future__ import annotations

from PIL import Image, ImageDraw

from tests.support.pictures import saved

WIDTH, HEIGHT = 1200, 800


def big_jpeg(number: int) -> bytes:
    """1200 × 800: a gradient in a colour of its own, with its number on it."""
    gradient = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    colour = (number * 67 % 200 + 40, number * 131 % 200 + 40, number * 29 % 200 + 40)
    picture = Image.composite(Image.new("RGB", (WIDTH, HEIGHT), colour), Image.new("RGB", (WIDTH, HEIGHT)), gradient)
    ImageDraw.Draw(picture).text((60, 60), str(number), fill="white", font_size=300)
    return saved(picture)
