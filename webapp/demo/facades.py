"""Painters of buildings by day."""

from dataclasses import dataclass

import numpy as np

from webapp.demo.brushes import Array, Colour, Random, colour, developed, glow, grid, mixed, noise, smoothstep


@dataclass(frozen=True)
class Bays:
    """A wall of equal bays. For each pixel: its place in its bay (0 to 1), and the bay's column and floor."""

    u: Array
    v: Array
    column: Array
    floor: Array
    columns: int
    floors: int

    def between(self, left: float, right: float, top: float, bottom: float) -> Array:
        """A mask of one rectangle in every bay."""
        across = smoothstep(left, left + 0.006, self.u) * smoothstep(right, right - 0.006, self.u)
        return across * smoothstep(top, top + 0.01, self.v) * smoothstep(bottom, bottom - 0.01, self.v)

    def chance(self, rng: Random) -> Array:
        """A number from 0 to 1 that is the same in the whole of a bay."""
        return rng.random((self.floors, self.columns), np.float32)[self.floor, self.column]


def balconies(rng: Random, width: int, height: int, wall: Colour, shade: Colour) -> Array:
    """A sunlit façade of balconies, each with its own shadow."""
    bays = _bays(width, height, 5)
    stone = 0.965 + 0.05 * noise(rng, width, height, 40, 4) + 0.02 * bays.chance(rng)
    canvas = colour(wall) * stone[..., None]
    niche = bays.between(0.10, 0.90, 0.08, 0.66)
    canvas = mixed(canvas, _windows(rng, bays), niche)
    slant = (bays.v - 0.08) * 0.9 + (0.9 - bays.u) * 0.35 + 0.12
    in_shade = np.maximum(smoothstep(0.64, 0.60, slant), smoothstep(0.24, 0.22, bays.u))
    canvas = canvas * (1 - 0.58 * niche * in_shade)[..., None]
    front = colour(wall) * (1.10 * stone * (1.04 - 0.16 * bays.v))[..., None]
    canvas = mixed(canvas, front, bays.between(0.035, 0.965, 0.64, 0.965))
    canvas = mixed(canvas, colour(shade) * stone[..., None], _cast_shadows(bays))
    xs, ys = grid(width, height)
    return developed(canvas * (1.06 - 0.16 * ys / height + 0.06 * xs / width)[..., None], vignette=0.22)


def _bays(width: int, height: int, columns: int) -> Bays:
    xs, ys = grid(width, height)
    floors = round(columns * height / width * 1.25)
    u, v = xs / width * columns + 0 * ys, ys / height * floors + 0 * xs
    return Bays(u % 1, v % 1, u.astype(np.int32), v.astype(np.int32), columns, floors)


def _windows(rng: Random, bays: Bays) -> Array:
    sky = 0.75 * np.clip(1 - bays.v * 1.1, 0, 1) * (0.4 + 0.6 * bays.chance(rng))
    glass = colour("#26323e") + colour("#8fb4d0") * sky[..., None]
    drawn = bays.chance(rng)
    folds = 0.64 + 0.06 * np.sin(bays.u * 190)
    glass = mixed(glass, colour("#e4ddd0") * 0.78, folds * ((bays.u - 0.12 < drawn * 0.5) & (drawn > 0.35)))
    frame = np.minimum(np.abs(bays.u - 0.5), np.abs(np.abs(bays.u - 0.5) - 0.385))
    return mixed(glass, "#39383a", smoothstep(0.013, 0.010, frame))


def _cast_shadows(bays: Bays) -> Array:
    under = smoothstep(0.95, 0.965, bays.v) + smoothstep(0.09, 0.0, bays.v) * smoothstep(0.04, 0.05, bays.u)
    side = smoothstep(0.035, 0.03, bays.u) * smoothstep(0.62, 0.72, bays.v + 0.4 * bays.u)
    return 0.8 * np.clip(0.9 * under + 0.8 * side, 0, 1)


def white_curves(rng: Random, width: int, height: int, light: Colour, shade: Colour) -> Array:
    """Ribs of a white hall, sweeping upwards."""
    xs, ys = grid(width, height)
    x, y = (xs - width * 1.05) / height, (ys - height * 1.08) / height
    radius, angle = np.sqrt(x * x + y * y), np.arctan2(-y, -x)
    ribs = angle * 17 + 2.1 * np.sin(radius * 2.4 + 0.6)
    part = ribs % 1.0
    face = smoothstep(0, 0.035, part) * (1 - part) ** 0.65
    tone = 0.20 + 0.80 * face * (0.55 + 0.45 * np.sin(radius * 2.2 + np.floor(ribs) * 0.21))
    rim = np.exp(-((part - 0.045) ** 2) / 0.00055) * 0.35
    tone = np.clip(tone + rim, 0, 1.1)[..., None]
    canvas = colour(shade) + tone * (colour(light) - colour(shade))
    opening = glow(width, height, width * 0.12, height * 0.10, height * 0.34)[..., None]
    return developed(canvas + opening * colour(light) * 0.30, vignette=0.3)
