"""Looking over a landscape: a height map drawn in perspective, with light, distance and mist."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from webapp.demo.brushes import Array, Random, smoothstep

MAP = 1024  # cells on each side of a height map, a power of two; it repeats beyond


@dataclass(frozen=True)
class View:
    """Where the camera is. Lengths are in cells of the map; `horizon` is a share of the picture's height."""

    eye: float
    horizon: float
    near: float
    far: float
    wide: float = 0.9  # half of what is seen across, at distance 1
    steps: int = 560

    def depths(self) -> Array:
        """How far each step is, as steps × 1: close together where the ground is near."""
        share = np.linspace(0, 1, self.steps, dtype=np.float32)[:, None]
        return np.float32(self.near) + np.float32(self.far - self.near) * share**1.5


@dataclass(frozen=True)
class Ground:
    """What each sight line meets, as steps × columns."""

    height: Array
    light: Array  # how much the ground faces the light, from -1 to 1
    steep: Array
    distance: Array  # steps × 1, from 0 (near) to 1 (far)
    x: Array
    y: Array


def seamless(rng: Random, cell: float, octaves: int, ridged: bool = False, rounding: float = 1e-4) -> Array:
    """A height map from 0 to 1 whose edges fit together. Ridged ones have crests instead of domes,
    the softer the more `rounding`.
    """
    total = np.zeros((MAP, MAP), np.float32)
    weight = np.float32(1)
    for _ in range(octaves):
        layer = _lumps(rng, max(2, round(MAP / cell)))
        if ridged:
            layer = (1 - np.sqrt((2 * layer - 1) ** 2 + np.float32(rounding))) ** 2
        total += weight * layer
        weight, cell = weight / 2, max(cell / 2, 2)
    low, high = total.min(), total.max()
    return (total - low) / (high - low)


def _lumps(rng: Random, count: int) -> Array:
    knots = np.pad(rng.random((count, count), np.float32), 2, mode="wrap")
    inside = (2, 2, 2 + count, 2 + count)
    layer = Image.fromarray(knots).resize((MAP, MAP), Image.Resampling.BICUBIC, box=inside)
    return np.clip(np.asarray(layer), 0, 1)


def surveyed(heights: Array, view: View, columns: int, sun: tuple[float, float], at: tuple[float, float]) -> Ground:
    """What lies before a camera standing `at` a place on the map; `sun` is where the light goes."""
    depth = view.depths()
    share = np.log(depth / view.near) / np.float32(np.log(view.far / view.near))
    across = np.linspace(-view.wide, view.wide, columns, dtype=np.float32)[None, :]
    x, y = at[0] + across * depth, at[1] + depth + 0 * across
    slope_x = np.roll(heights, -2, 1) - np.roll(heights, 2, 1)
    slope_y = np.roll(heights, -2, 0) - np.roll(heights, 2, 0)
    gx, gy = sampled(slope_x, x, y), sampled(slope_y, x, y)
    steep = np.sqrt(gx * gx + gy * gy)
    light = -(gx * sun[0] + gy * sun[1]) / (steep + 0.35 * float(np.std(slope_x)) + 1e-6)
    # The ground falls away before the camera, so that it never stands inside a hill.
    height = sampled(heights, x, y) * smoothstep(-0.25, 0.55, share)
    return Ground(height, light, steep, share, x, y)


def sampled(field: Array, x: Array, y: Array) -> Array:
    """The field between its cells, endlessly repeated."""
    floor_x, floor_y = np.floor(x), np.floor(y)
    fx, fy = x - floor_x, y - floor_y
    left, top = floor_x.astype(np.int32), floor_y.astype(np.int32)
    x0, x1 = left & MAP - 1, left + 1 & MAP - 1
    y0, y1 = (top & MAP - 1) * MAP, (top + 1 & MAP - 1) * MAP
    cells = field.ravel()
    upper = cells.take(y0 + x0)
    upper += (cells.take(y0 + x1) - upper) * fx
    lower = cells.take(y1 + x0)
    lower += (cells.take(y1 + x1) - lower) * fx
    upper += (lower - upper) * fy
    return upper


def painted(sky: Array, colours: Array, ground: Ground, view: View) -> tuple[Array, Array]:
    """The ground (colours are steps × columns × 3) before the sky, and the row of the skyline by column."""
    height, width = sky.shape[:2]
    across = width / (2 * view.wide)
    rows = height * view.horizon + (view.eye - ground.height) / view.depths() * across
    hidden_below = np.minimum.accumulate(rows, axis=0)
    hit = _first_hits(hidden_below, height)
    skyline = hidden_below[-1]
    columns = np.arange(width)[None, :]
    before = np.maximum(hit - 1, 0)
    # A pixel lies between two steps: so does its colour.
    upper, lower = hidden_below[hit, columns], hidden_below[before, columns]
    part = np.clip((lower - np.arange(height, dtype=np.float32)[:, None]) / (lower - upper + 1e-3), 0, 1)
    near = colours[before, columns]
    land = near + (colours[hit, columns] - near) * part[..., None]
    cover = np.clip(np.arange(height, dtype=np.float32)[:, None] - skyline + 1, 0, 1)
    return sky + (land - sky) * cover[..., None], skyline


def _first_hits(hidden_below: Array, height: int) -> NDArray[np.int32]:
    """For each pixel the nearest step that reaches up to it (the farthest step, where none does)."""
    steps, width = hidden_below.shape
    first = np.clip(np.ceil(hidden_below), 0, height).astype(np.int32)
    hit = np.full((height + 1, width), steps - 1, np.int32)
    columns = np.arange(width)
    for step in range(steps - 1, -1, -1):
        hit[first[step], columns] = step
    return np.minimum.accumulate(hit, axis=0)[:height]
