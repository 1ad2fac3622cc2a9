"""What every painter needs: noise, gradients, light and the finish of a photograph.

A canvas is a float32 array of height × width × 3, sRGB values from 0 (black) to 1; brighter is allowed
until `developed` brings it back. Masks and noise are height × width, from 0 to 1.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Array = NDArray[Any]  # of float32
Random = np.random.Generator
Colour = Sequence[float] | Array | str


def colour(value: Colour) -> Array:
    """'#rrggbb' or three numbers as an array of three."""
    if isinstance(value, str):
        return np.frombuffer(bytes.fromhex(value[1:]), np.uint8).astype(np.float32) / 255
    return np.asarray(value, np.float32)


def gradient(height: int, stops: Sequence[tuple[float, Colour]]) -> Array:
    """height × 1 × 3: colours from top (place 0) to bottom (place 1)."""
    places = np.linspace(0, 1, height)
    at, colours = [place for place, _ in stops], [colour(each) for _, each in stops]
    channels = [np.interp(places, at, [each[i] for each in colours]) for i in range(3)]
    return np.stack(channels, axis=1).astype(np.float32)[:, None, :]


def stretched(small: Array, width: int, height: int) -> Array:
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def noise(rng: Random, width: int, height: int, cell: float, octaves: int = 5, aspect: float = 1.0) -> Array:
    """Fractal noise around 0.5, whose largest lumps are `cell` pixels high and `aspect` times as wide."""
    half_width, half_height = (width + 1) // 2, (height + 1) // 2  # four times as quick, and fine enough
    total = np.zeros((half_height, half_width), np.float32)
    weight, weights = 1.0, 0.0
    for _ in range(octaves):
        size = (max(2, round(height / cell)) + 1, max(2, round(width / cell / aspect)) + 1)
        total += np.float32(weight) * stretched(rng.random(size, np.float32), half_width, half_height)
        weights += weight
        weight, cell = weight / 2, max(cell / 2, 2)
    return stretched(total / np.float32(weights), width, height)


def line_noise(rng: Random, width: int, cell: float, octaves: int = 6, keep: float = 0.5) -> Array:
    """The same in one dimension, around 0: a skyline. `keep` is how rough it is."""
    total = np.zeros(width, np.float32)
    for octave in range(octaves):
        points = max(2, int(width / cell)) + 3
        knots = rng.random(points).astype(np.float32) - 0.5
        total += keep**octave * _smooth_line(knots, np.linspace(0, points - 1.001, width))
        cell = max(cell / 2, 1)
    return total


def _smooth_line(knots: Array, at: NDArray[np.float64]) -> Array:
    left = at.astype(int)
    part = at - left
    part = part * part * (3 - 2 * part)
    return (knots[left] * (1 - part) + knots[left + 1] * part).astype(np.float32)


def smoothstep(low: float, high: float, values: Array) -> Array:
    """0 below `low`, 1 above `high`, and a soft passage between."""
    part = np.clip((values - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)


def grid(width: int, height: int) -> tuple[Array, Array]:
    """x (1 × width) and y (height × 1) in pixels; they broadcast to the whole canvas."""
    return np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]


def mixed(below: Array, above: Colour, mask: Array | float) -> Array:
    """`above` painted over `below` where the mask says so."""
    top = colour(above) if isinstance(above, (str, Sequence)) else above
    cover = mask[..., None] if isinstance(mask, np.ndarray) else mask
    return below + (top - below) * cover


def glow(width: int, height: int, x: float, y: float, radius: float, power: float = 2.0) -> Array:
    """Light falling off around a point, 1 at its centre."""
    xs, ys = grid(width, height)
    distance = ((xs - x) ** 2 + (ys - y) ** 2) / radius**2
    return (1 / (1 + distance) ** power).astype(np.float32)


def disc(width: int, height: int, x: float, y: float, radius: float, soft: float = 1.5) -> Array:
    xs, ys = grid(width, height)
    return np.clip((radius - np.sqrt((xs - x) ** 2 + (ys - y) ** 2)) / soft + 0.5, 0, 1).astype(np.float32)


def below_line(height: int, line: Array, soft: float = 1.0) -> Array:
    """A mask of everything under a skyline given as y for each x."""
    ys = np.arange(height, dtype=np.float32)[:, None]
    return np.clip((ys - line[None, :]) / soft + 0.5, 0, 1).astype(np.float32)


def blurred(canvas: Array, radius: float) -> Array:
    """Out of focus; done small, because nobody sees the difference."""
    height, width = canvas.shape[:2]
    shrink = max(1, int(radius / 2))
    picture = as_image(canvas).resize((max(1, width // shrink), max(1, height // shrink)))
    picture = picture.filter(ImageFilter.GaussianBlur(radius / shrink))
    soft = picture.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(soft, np.float32) / 255


def as_image(canvas: Array) -> Image.Image:
    return Image.fromarray((np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8))


def developed(canvas: Array, vignette: float = 0.32, bloom: float = 0.0) -> Array:
    """What a lens does: bright things bleed, corners darken, highlights roll off."""
    height, width = canvas.shape[:2]
    if bloom:
        canvas = canvas + np.float32(bloom) * blurred(np.clip(canvas - 0.55, 0, 1) * 1.6, width / 40)
    xs, ys = grid(width, height)
    off = (xs / width - 0.5) ** 2 + (ys / height - 0.5) ** 2
    canvas = canvas * (1 - np.float32(2.2 * vignette) * off)[..., None]
    bright = canvas > 0.8
    over = canvas[bright] - np.float32(0.8)
    canvas[bright] = 0.8 + 0.2 * over / (over + np.float32(0.2))
    return canvas


def with_grain(picture: Image.Image, rng: Random, strength: float = 3.4) -> Image.Image:
    """Film grain; `strength` is in steps of 256."""
    tile = rng.standard_normal((256, 256), np.float32)
    tile = (tile + np.roll(tile, 1, 0) + np.roll(tile, 1, 1)) * (strength / 1.73)
    height, width = picture.height, picture.width
    grain = np.tile(tile.astype(np.int16), (height // 256 + 1, width // 256 + 1))[:height, :width, None]
    return Image.fromarray(np.clip(np.asarray(picture, np.int16) + grain, 0, 255).astype(np.uint8))


def as_jpeg(picture: Image.Image, quality: int = 88) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()
