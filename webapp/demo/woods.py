"""Painters of trees and grass."""

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


def treetops(rng: Random, width: int, size: float) -> Array:
    """How far spruces stand out above a ridge, for each x."""
    tops = np.zeros(width, np.float32)
    xs = np.arange(width, dtype=np.float32)
    for _ in range(int(width / max(size, 3) * 2.4)):
        at, tall = rng.random() * width, size * (0.45 + 0.75 * rng.random())
        first, last = max(0, int(at - tall)), min(width, int(at + tall) + 1)
        shape = tall * np.clip(1 - np.abs(xs[first:last] - at) / (0.30 * tall), 0, 1) ** 1.3
        tops[first:last] = np.maximum(tops[first:last], shape)
    return tops + size * 0.10 * rng.random(width).astype(np.float32)


def spruces(
    rng: Random, width: int, height: int, fog: Colour, near: Colour, layers: int = 6, light: float = 0.0
) -> Array:
    """Rows of spruces standing in fog."""
    canvas = np.repeat(gradient(height, [(0, colour(fog) * 0.86), (0.45, colour(fog) * 1.05), (1, fog)]), width, 1)
    canvas = canvas + light * glow(width, height, width * 0.68, height * 0.16, height * 0.3)[..., None] * colour(
        "#ffe0b0"
    )
    ys = grid(width, height)[1] / height
    for layer in range(layers):
        part = layer / (layers - 1)
        foot = 0.44 + 0.66 * part**1.1
        hill = height * (foot + (0.10 - 0.03 * part) * line_noise(rng, width, width * 0.8, 4))
        mask = below_line(height, hill, 3)
        plant(rng, mask, hill, height * (0.12 + 0.30 * part**1.4), int(52 - 36 * part))
        tone = colour(fog) + (colour(near) - colour(fog)) * (0.10 + 0.90 * part**1.2)
        drift = noise(rng, width, height, height * 0.22, 4, 3)
        mist = smoothstep(-0.10, 0.16, ys - hill[None, :] / height) * (1.0 - 0.72 * part)
        mist = np.clip(mist + (drift - 0.5) * 0.9 * (1 - part), 0, 1)
        body = tone + mist[..., None] * (colour(fog) * (1.0 - 0.10 * part) - tone)
        canvas = mixed(canvas, body, mask * (0.82 + 0.18 * part))
    return developed(canvas)


def plant(rng: Random, mask: Array, hill: Array, size: float, count: int) -> None:
    """Adds spruces to a mask, their feet on the hill."""
    height, width = mask.shape
    for _ in range(count):
        x, tall = rng.random() * width, size * (0.5 + 0.6 * rng.random())
        foot = float(hill[min(width - 1, int(x))]) + 0.03 * size
        top, bottom = int(max(0, foot - tall)), int(min(height, foot))
        left, right = int(max(0, x - tall * 0.3)), int(min(width, x + tall * 0.3))
        if bottom <= top or right <= left:
            continue
        down = np.clip((np.arange(top, bottom, dtype=np.float32) - (foot - tall)) / tall, 0, 1)
        tiers = (down * (15 + 5 * rng.random()) + 0.3 * rng.random()) % 1.0
        reach = tall * (0.004 + 0.20 * down * (0.42 + 0.55 * tiers + 0.16 * rng.random(len(down))))
        lean = np.where(rng.random(len(down)) > 0.5, 1, -1) * reach * 0.12
        off = np.abs(np.arange(left, right)[None, :] - x + lean[:, None])
        ragged = 1 - 0.35 * rng.random((bottom - top, right - left)) * (off / (reach[:, None] + 1))
        tree = np.clip(reach[:, None] * ragged - off + 0.5, 0, 1).astype(np.float32)
        mask[top:bottom, left:right] = np.maximum(mask[top:bottom, left:right], tree)


def trunks(rng: Random, width: int, height: int, fog: Colour, near: Colour) -> Array:
    """Inside a beech wood with the sun coming through."""
    light = glow(width, height, width * 0.56, height * 0.30, height * 0.42)
    canvas = colour(fog) * (0.62 + 0.55 * light[..., None]) * np.ones((height, width, 3), np.float32)
    leaves = noise(rng, width, height, height * 0.10, 6)
    ys = grid(width, height)[1] / height
    canopy = smoothstep(0.42, 0.62, leaves + 0.35 * (0.30 - ys))
    canvas = mixed(canvas, colour(fog) * colour((0.62, 0.74, 0.36)), canopy * (1 - 0.55 * light) * 0.75)
    for layer in range(7):
        part = layer / 6
        mask = _trunk_row(rng, width, height, 0.006 + 0.030 * part**1.6, int(24 - 19 * part), 0.54 + 0.42 * part)
        tone = colour(fog) * 0.92 + (colour(near) - colour(fog) * 0.92) * (0.16 + 0.84 * part)
        lit = tone + (light * (1 - part) ** 1.2 * 0.5)[..., None] * colour("#ffe9b8")
        canvas = mixed(canvas, lit, mask)
    floor = smoothstep(0.58, 0.92, ys + 0.10 * (noise(rng, width, height, height * 0.05, 5, 3) - 0.5))
    ground = colour(near) * 0.9 + leaves[..., None] * colour((0.42, 0.25, 0.07)) * (0.3 + light[..., None])
    canvas = mixed(canvas, ground, floor * 0.93)
    return developed(canvas + _rays(rng, width, height)[..., None] * colour("#fff0c8") * 0.30, vignette=0.5)


def _trunk_row(rng: Random, width: int, height: int, thick: float, count: int, foot: float) -> Array:
    xs, ys = grid(width, height)
    mask = np.zeros((height, width), np.float32)
    for _ in range(count):
        x, half = rng.random() * width, thick * width * (0.45 + 0.6 * rng.random()) / 2
        lean, bend = (
            (rng.random() - 0.5) * 0.08,
            (line_noise(rng, height, height * 0.7, 3) * half * 0.8)[:, None],
        )
        end = height * (foot + 0.05 * rng.random())
        centre = x + lean * (ys - end) + bend
        wide = half * (0.75 + 0.25 * ys / end + 0.9 * np.exp((ys - end) / (height * 0.02)).clip(0, 1))
        left, right = int(max(0, x - 0.16 * height)), int(min(width, x + 0.16 * height))
        trunk = np.clip((wide - np.abs(xs[:, left:right] - centre)) / 1.5 + 0.5, 0, 1) * (ys < end)
        mask[:, left:right] = np.maximum(mask[:, left:right], trunk)
    return mask


def _rays(rng: Random, width: int, height: int) -> Array:
    xs, ys = grid(width, height)
    angle = np.arctan2(xs - width * 0.60, ys + height * 0.25)
    beams = line_noise(rng, 720, 40, 4, 0.7)
    fan = np.interp(angle, np.linspace(-1.6, 1.6, 720), beams).astype(np.float32)
    return smoothstep(0.05, 0.6, fan + 0.2) * smoothstep(0.0, 0.25, ys / height) * smoothstep(0.95, 0.5, ys / height)


def meadow(rng: Random, width: int, height: int, back: Colour, blade: Colour) -> Array:
    """Grass against the sun, almost all of it out of focus."""
    xs, ys = grid(width, height)
    canvas = colour(back) * (0.5 + 0.8 * glow(width, height, width * 0.64, height * 0.34, height * 0.45))[..., None]
    for blur, count, tone in ((26.0, 70, 0.75), (9.0, 46, 0.5), (0.0, 26, 0.22)):
        mask = np.zeros((height, width), np.float32)
        for _ in range(count):
            _blade(rng, mask, ys)
        soft = blurred(np.repeat(mask[..., None], 3, 2), blur)[..., 0] if blur else mask
        canvas = mixed(canvas, colour(blade) * tone + canvas * 0.16, soft * 0.92)
        if blur:
            canvas = canvas + _sparks(rng, width, height, blur)[..., None] * colour("#ffd98a")
    return developed(canvas, bloom=0.5, vignette=0.5)


def _blade(rng: Random, mask: Array, ys: Array) -> None:
    height, width = mask.shape
    x, tall, bend = (
        rng.random() * width,
        height * (0.25 + 0.6 * rng.random() ** 1.4),
        (rng.random() - 0.5) * height,
    )
    up = np.clip((height - ys) / tall, 0, 1)
    centre = x + bend * up**2.2 * 0.9
    half = height * 0.0055 * (0.6 + rng.random()) * (1 - up) ** 0.7
    seeds = np.exp(-(((up - 0.90) / 0.09) ** 2)) * height * 0.012 * (rng.random() > 0.4)
    left, right = int(max(0, x - abs(bend) - 30)), int(min(width, x + abs(bend) + 30))
    off = np.abs(np.arange(left, right, dtype=np.float32)[None, :] - centre)
    stem = np.clip(half + seeds - off + 0.5, 0, 1) * (height - ys < tall)
    mask[:, left:right] = np.maximum(mask[:, left:right], stem)


def _sparks(rng: Random, width: int, height: int, blur: float) -> Array:
    light = np.zeros((height, width), np.float32)
    for _ in range(26):
        x, y, radius = (
            rng.normal(0.62, 0.2) * width,
            rng.normal(0.42, 0.2) * height,
            blur * (0.7 + rng.random()),
        )
        left, top = int(x - radius - 2), int(y - radius - 2)
        right, bottom = int(x + radius + 3), int(y + radius + 3)
        if left < 0 or top < 0 or right > width or bottom > height:
            continue
        patch = disc(right - left, bottom - top, x - left, y - top, radius, 2.0)
        light[top:bottom, left:right] += patch * 0.22 * rng.random()
    return light
