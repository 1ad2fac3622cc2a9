"""Painters of water and of the night sky."""

import numpy as np

from webapp.demo.brushes import (
    Array,
    Colour,
    Random,
    below_line,
    blurred,
    colour,
    developed,
    disc,
    glow,
    gradient,
    grid,
    line_noise,
    mixed,
    noise,
    smoothstep,
)
from webapp.demo.land import clouds
from webapp.demo.terrain import sampled, seamless
from webapp.demo.woods import plant


def sea(
    rng: Random,
    width: int,
    height: int,
    sky: list[tuple[float, Colour]],
    deep: Colour,
    sun: tuple[float, float, Colour],
    horizon: float = 0.5,
    calm: float = 0.5,
    cloud: float = 0.5,
    coast: Colour | None = None,
    halo: float = 0.10,
) -> Array:
    """Open water under a low sun or moon. `calm` from 0 to 1 makes the reflections longer and clearer."""
    edge = int(height * horizon)
    above = np.repeat(gradient(edge, sky), width, 1)
    sun_x, sun_y, light = sun[0] * width, sun[1] * height, colour(sun[2])
    shine = glow(width, edge, sun_x, sun_y, height * halo)[..., None]
    veil = clouds(rng, width, edge, 0.44, 0.74)[..., None]
    shade = clouds(rng, width, edge, 0.50, 0.72)[..., None]
    above = above + shine * light * 0.6
    above = above + cloud * veil * (light * (0.10 + 1.1 * shine) - 0.10 * shade)
    above = above + 0.7 * disc(width, edge, sun_x, sun_y, height * 0.022, 3)[..., None]
    if coast is not None:
        above = _coast(rng, above, edge, coast)
    water = _water(rng, above, height - edge, deep, (sun_x / width, light), calm)
    return developed(np.concatenate([above, water]), bloom=0.2)


def _coast(rng: Random, sky: Array, edge: int, tone: Colour) -> Array:
    width = sky.shape[1]
    for far, rise in ((0.55, 0.16), (0.0, 0.10)):
        shape = line_noise(rng, width, width * 0.3, 8, 0.5) + 0.35
        fall = np.linspace(-0.5, 0.85, width) if far else np.linspace(1.0, -1.4, width)
        line = edge - edge * rise * np.clip(shape + fall - 0.3, -0.1, 2)
        sky = mixed(sky, colour(tone) * (1 - far) + sky[edge - 1].mean(0) * far, below_line(edge, line, 1.5))
    return sky


def _water(rng: Random, above: Array, rows: int, deep: Colour, sun: tuple[float, Array], calm: float) -> Array:
    """The sky upside down, broken by waves that grow towards the viewer."""
    edge, width = above.shape[:2]
    xs, ys = grid(width, rows)
    depth = 1 / (ys / rows + 0.012)
    field = seamless(rng, 90, 6)
    wide, long = (xs / width - 0.5) * depth * 150, depth * 260
    waves = sampled(field, wide + 300, long) + 0.5 * sampled(field, wide * 3.1, long * 3.4) - 0.75
    mirror = edge - 1 - ys * (0.9 * edge / rows) - waves * (1.6 - calm) * 0.20 * edge * (0.25 + ys / rows)
    reflected = above[np.clip(mirror, 0, edge - 1).astype(np.int32), np.arange(width)[None, :]]
    near = (ys / rows)[..., None]
    water = reflected * (0.82 - 0.30 * near) + colour(deep) * (0.18 + 0.30 * near)
    water = water * (1 + 0.55 * (1 - 0.6 * calm) * waves[..., None])
    spread = 0.035 + 0.11 * ys / rows
    path = np.exp(-(((xs / width - sun[0]) / spread) ** 2))
    glitter = smoothstep(0.02, 0.30, waves + 0.16 * path) * path
    result: Array = water + (glitter * (1.15 - 0.55 * ys / rows))[..., None] * sun[1]
    return result


def stars(rng: Random, width: int, height: int, count: int) -> Array:
    """A canvas of stars, few bright and many faint, of slightly different colours."""
    canvas = np.zeros((height, width, 3), np.float32)
    x, y = rng.integers(1, width - 1, count), rng.integers(1, height - 1, count)
    bright = np.minimum(0.10 + 0.05 * rng.pareto(1.5, count), 1.6).astype(np.float32)[:, None]
    tint = 1 + 0.22 * (rng.random((count, 1), np.float32) - 0.5) * np.asarray([1, 0, -1], np.float32)
    light = bright * tint
    np.add.at(canvas, (y, x), light)
    for dx, dy in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        np.add.at(canvas, (y + dy, x + dx), light * np.minimum(bright, 1) * 0.55)
    return canvas


def _night_ridge(rng: Random, canvas: Array, at: float, tone: Colour, size: float = 0.05) -> Array:
    height, width = canvas.shape[:2]
    line = height * (at + 0.10 * line_noise(rng, width, width * 0.5, 8, 0.5))
    mask = below_line(height, line, 1.2)
    plant(rng, mask, line, height * size, 46)
    return mixed(canvas, tone, mask)


def milky_way(rng: Random, width: int, height: int) -> Array:
    """Our galaxy standing over a dark forest."""
    canvas = np.repeat(
        gradient(height, [(0, "#060a1c"), (0.6, "#14224a"), (0.86, "#3c4a70"), (1, "#6a5a6a")]), width, 1
    )
    xs, ys = grid(width, height)
    across = (xs / width - 0.62 + 0.42 * (ys / height - 0.35)) * 1.9
    lumps, dust = noise(rng, width, height, height * 0.20, 7), noise(rng, width, height, height * 0.11, 7)
    band = np.exp(-((across + (lumps - 0.5) * 0.30) ** 2) / 0.085)
    lane = np.exp(-((across + (dust - 0.5) * 0.75) ** 2) / 0.008) * smoothstep(0.36, 0.58, dust)
    milk = band * (0.30 + 1.1 * smoothstep(0.35, 0.75, lumps)) * (1 - 0.82 * lane)
    core = np.exp(-(((ys / height - 0.62) / 0.30) ** 2))
    warm = colour("#8fa0e0") + (colour("#f5c8b4") - colour("#8fa0e0")) * core[..., None]
    canvas = canvas + milk[..., None] * warm * 0.46
    many = stars(rng, width, height, width * height // 130)
    canvas = canvas + many * (0.20 + 1.1 * band * (1 - 0.7 * lane))[..., None] + stars(rng, width, height, 500)
    return developed(_night_ridge(rng, canvas, 0.95, "#04060c", 0.11), vignette=0.5, bloom=0.3)


def star_trails(rng: Random, width: int, height: int) -> Array:
    """An hour of stars wheeling around the pole."""
    xs, ys = grid(width, height)
    dx, dy = xs - width * 0.52, ys - height * 0.56
    radius, angle = np.sqrt(dx * dx + dy * dy), np.arctan2(dy, dx)
    rings = int(np.hypot(width, height))
    canvas = np.repeat(gradient(height, [(0, "#071026"), (0.7, "#1b2f5a"), (1, "#5a4a58")]), width, 1)
    for _ in range(3):
        starts = (rng.random(rings) * 2 * np.pi).astype(np.float32)
        bright = np.minimum(0.035 * rng.pareto(1.3, rings), 1.0).astype(np.float32)
        tint = 1 + 0.4 * (rng.random((rings, 1), np.float32) - 0.5) * np.asarray([1, 0, -1], np.float32)
        ring = np.clip(radius + 0.37, 0, rings - 1).astype(np.int32)
        turned = np.mod(angle - starts[ring], 2 * np.pi)
        trail = bright[ring] * smoothstep(0, 0.03, turned) * smoothstep(1.05, 0.98, turned)
        canvas = canvas + trail[..., None] * tint[ring]
    return developed(_night_ridge(rng, canvas, 0.90, "#05070e", 0.10), vignette=0.4, bloom=0.2)


def aurora(rng: Random, width: int, height: int, low: Colour, high: Colour, lake: bool = True) -> Array:
    """Curtains of northern light, above a lake that shows them again."""
    edge = int(height * (0.66 if lake else 0.98))
    sky = np.repeat(gradient(edge, [(0, "#050b1e"), (0.7, "#0d2036"), (1, "#17384a")]), width, 1)
    sky = sky + stars(rng, width, edge, width * edge // 420)
    for strength, base, lift in ((0.6, 0.50, 0.34), (1.0, 0.70, 0.52), (0.7, 0.86, 0.30)):
        sky = sky + _curtain(rng, width, edge, base, lift, (colour(low), colour(high))) * strength
    line = edge * (0.93 + 0.16 * line_noise(rng, width, width * 0.4, 8, 0.55))
    sky = mixed(sky, "#0a141c", below_line(edge, line, 1.2))
    sky = _night_ridge(rng, sky, 1.0, "#04080c", 0.05)
    if not lake:
        return developed(sky, bloom=0.3)
    rows = height - edge
    ripple = (noise(rng, width, rows, rows * 0.05, 3, 9) - 0.5) * rows * 0.10
    mirror = np.clip(edge - 1 - grid(width, rows)[1] * 1.15 + ripple, 0, edge - 1).astype(np.int32)
    water = blurred(sky[mirror, np.arange(width)[None, :]], 2.5) * 0.66
    return developed(np.concatenate([sky, water]), bloom=0.3, vignette=0.4)


def _curtain(rng: Random, width: int, height: int, base: float, lift: float, tones: tuple[Array, Array]) -> Array:
    ys = grid(width, height)[1] / height
    foot = base + 0.26 * line_noise(rng, width, width * 0.45, 3, 0.45)
    rays = np.clip(0.55 + 0.9 * line_noise(rng, width, width * 0.05, 5, 0.75), 0.05, 1.6)
    patches = np.clip(0.5 + 1.5 * line_noise(rng, width, width * 0.35, 2), 0, 1)
    up = foot[None, :] - ys
    tall = lift * (0.5 + 0.6 * rays)[None, :]
    body = smoothstep(-0.025, 0.02, up) * np.exp(-np.maximum(up, 0) / tall * 3.2) * (rays * patches)[None, :]
    part = smoothstep(0.05, 0.55, up / lift)[..., None]
    curtain: Array = body[..., None] * (tones[0] + (tones[1] - tones[0]) * part)
    return curtain
