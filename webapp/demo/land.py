"""Painters of land: ridges in mist, forests, peaks, dunes, fields."""

import numpy as np

from webapp.demo.brushes import (
    Array,
    Colour,
    Random,
    below_line,
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
from webapp.demo.terrain import Ground, View, painted, sampled, seamless, surveyed
from webapp.demo.woods import plant, treetops


def ridges(
    rng: Random,
    width: int,
    height: int,
    sky: list[tuple[float, Colour]],
    haze: Colour,
    near: Colour,
    sun: tuple[float, float, Colour],
    layers: int = 7,
    top: float = 0.38,
    trees: bool = False,
) -> Array:
    """Mountains behind mountains, each paler than the one before it."""
    canvas = np.repeat(gradient(height, sky), width, axis=1)
    sun_x, sun_y, sun_colour = sun
    canvas = canvas + clouds(rng, width, height)[..., None] * colour(sun_colour) * 0.10
    canvas = canvas + glow(width, height, sun_x * width, sun_y * height, height * 0.22)[..., None] * (
        colour(sun_colour) * 0.55
    )
    canvas = canvas + 0.6 * disc(width, height, sun_x * width, sun_y * height, height * 0.018, 4)[..., None]
    ys = grid(width, height)[1] / height
    for layer in range(layers):
        part = layer / (layers - 1)
        middle = top + (1.02 - top) * part**1.15
        line = height * (middle + (0.17 - 0.06 * part) * line_noise(rng, width, width * 0.36, 8, 0.52))
        crest = line
        if trees and part > 0.45:
            line = line - treetops(rng, width, height * (0.012 + 0.06 * (part - 0.45)))
        tone = colour(haze) + (colour(near) - colour(haze)) * part**1.25
        mist = smoothstep(0, 0.30 - 0.12 * part, ys - crest[None, :] / height) * (0.62 * (1 - part) + 0.10)
        warm = np.exp(-(((grid(width, height)[0] / width - sun_x) / 0.3) ** 2)) * 0.22 * (1 - part) ** 1.5
        body = tone + mist[..., None] * (colour(haze) * 1.04 - tone) + warm[..., None] * colour(sun_colour)
        canvas = mixed(canvas, body, below_line(height, line, 1.5))
    return developed(canvas)


def clouds(rng: Random, width: int, height: int, low: float = 0.48, high: float = 0.78) -> Array:
    """Long thin clouds, thinner towards the horizon."""
    return smoothstep(low, high, noise(rng, width, height, height * 0.16, 6, aspect=5.0))


def peaks(rng: Random, width: int, height: int, sky: list[tuple[float, Colour]], sun: Colour, shade: Colour) -> Array:
    """Rock and snow in low light."""
    view = View(eye=95, horizon=0.50, near=60, far=1300, wide=0.7)
    heights = seamless(rng, 420, 8, ridged=True) ** 1.3 * 240
    ground = surveyed(heights, view, width, sun=(0.95, -0.3), at=(500, 100))
    grit = seamless(rng, 24, 4)
    rough = 0.5 * sampled(grit, ground.x * 2.3, ground.y * 2.3) + 0.5 * sampled(grit, ground.x * 9, ground.y * 9)
    lit = smoothstep(-0.25, 0.75, ground.light + (rough - 0.5) * 1.1)[..., None]
    snow = smoothstep(0.66, 0.34, ground.steep / 12 - (ground.height / 240 - 0.40) * 0.9 + (rough - 0.5) * 1.5)
    stone = colour("#3a3636") * (0.5 + rough[..., None])
    face = stone + (colour("#f2f4fa") - stone) * snow[..., None]
    colours = face * (colour(shade) + lit * (colour(sun) - colour(shade)) * 1.15)
    colours = _hazed(colours, ground, sky[-1][1], 0.75)
    canvas = np.repeat(gradient(height, sky), width, 1)
    canvas = canvas + clouds(rng, width, height)[..., None] * colour(sun) * 0.16
    return developed(painted(canvas, colours, ground, view)[0])


def _hazed(colours: Array, ground: Ground, haze: Colour, amount: float) -> Array:
    veil = (amount * smoothstep(0.25, 1.15, ground.distance))[..., None]
    return colours + (colour(haze) - colours) * veil


def above_clouds(rng: Random, width: int, height: int, sky: list[tuple[float, Colour]], sun: Colour) -> Array:
    """Summits like islands in a sea of clouds."""
    view = View(eye=150, horizon=0.40, near=70, far=2200, wide=0.75)
    heights = seamless(rng, 520, 8, ridged=True) ** 1.5 * 190
    billows = 88 + 30 * seamless(rng, 90, 6)
    ground = surveyed(np.maximum(heights, billows), view, width, sun=(-0.75, -0.65), at=(300, 60))
    peak = sampled(heights - billows, ground.x, ground.y)
    lit = smoothstep(-0.6, 0.9, ground.light)[..., None]
    cloud = colour("#8b8fb4") + lit * (colour(sun) * 1.08 - colour("#8b8fb4"))
    rock = colour("#23263a") + lit**1.5 * (colour(sun) * 0.62 - colour("#23263a"))
    colours = cloud + (rock - cloud) * smoothstep(-4, 9, peak)[..., None]
    canvas = np.repeat(gradient(height, sky), width, 1)
    canvas = canvas + glow(width, height, width * 0.25, height * 0.33, height * 0.22)[..., None] * colour(sun) * 0.8
    return developed(painted(canvas, _hazed(colours, ground, sky[-1][1], 0.9), ground, view)[0])


def dunes(
    rng: Random,
    width: int,
    height: int,
    sky: list[tuple[float, Colour]],
    sun: Colour,
    shade: Colour,
    eye: float = 78,
) -> Array:
    """Sand, one side of every crest in the sun and the other in shade."""
    view = View(eye=eye, horizon=0.34, near=34, far=1500, wide=0.62)
    swell = seamless(rng, 250, 2, ridged=True, rounding=0.003) ** 1.6
    heights = swell * 90 + seamless(rng, 400, 2) * 30
    ground = surveyed(heights, view, width, sun=(1.0, 0.12), at=(420, 250))
    sway = sampled(seamless(rng, 60, 3), ground.x, ground.y)
    waves = np.sin(ground.y * 1.5 + ground.x * 0.5 + sway * 40) * np.clip(1 - ground.distance * 2.0, 0, 1)
    grains = (sampled(seamless(rng, 4, 2), ground.x * 9, ground.y * 9) - 0.5) * np.clip(1 - ground.distance * 1.6, 0, 1)
    lit = smoothstep(-0.30, 0.62, ground.light + waves * 0.10 + grains * 0.22)[..., None]
    colours = colour(shade) + lit * (colour(sun) - colour(shade))
    canvas = np.repeat(gradient(height, sky), width, 1)
    return developed(painted(canvas, _hazed(colours, ground, sky[-1][1], 0.62), ground, view)[0])


def snowfield(rng: Random, width: int, height: int, sky: list[tuple[float, Colour]], shade: Colour) -> Array:
    """Soft white hills with a few lonely trees."""
    view = View(eye=86, horizon=0.36, near=38, far=1100, wide=0.6)
    heights = seamless(rng, 300, 3) * 95
    ground = surveyed(heights, view, width, sun=(0.9, 0.4), at=(200, 700))
    sparkle = sampled(seamless(rng, 3, 1), ground.x * 9, ground.y * 9) - 0.5
    lit = smoothstep(-1.0, 0.9, ground.light + sparkle * 0.25 * (1 - ground.distance))[..., None]
    colours = colour(shade) + lit * (colour("#fffaf2") - colour(shade))
    canvas = np.repeat(gradient(height, sky), width, 1)
    canvas, skyline = painted(canvas, _hazed(colours, ground, sky[-1][1], 0.8), ground, view)
    trees = np.zeros((height, width), np.float32)
    copse = np.roll(skyline, -int(width * 0.62))[: int(width * 0.24)]
    plant(rng, trees[:, int(width * 0.62) : int(width * 0.86)], copse + height * 0.012, height * 0.10, 9)
    return developed(mixed(canvas, [0.22, 0.27, 0.36], trees * 0.88), vignette=0.2)


def rows(rng: Random, width: int, height: int, sky: list[tuple[float, Colour]], crop: Colour, soil: Colour) -> Array:
    """Rows of lavender running to the horizon."""
    horizon = int(height * 0.42)
    xs, ys = grid(width, height)
    depth = 1 / np.maximum((ys - horizon) / height, 1e-3)
    across = (xs / width - 0.36) * depth
    bumps = noise(rng, width, height, height * 0.022, 4)
    wave = np.cos(across * 13.0 + (bumps - 0.5) * 2.2)
    near = smoothstep(18, 2.2, depth)
    plants = smoothstep(-0.55, 0.35, wave + (bumps - 0.5) * 1.4)
    tips = smoothstep(0.1, 1.0, wave) * (0.45 + 1.1 * bumps)
    field = colour(soil) * (0.6 + 0.6 * bumps[..., None]) + (0 * xs + 0 * ys)[..., None]
    leaf = colour(crop) * (0.34 + 0.78 * tips[..., None]) + 0.10 * (tips**3)[..., None]
    field = mixed(field, leaf, plants * (0.35 + 0.65 * near))
    field = mixed(field, colour(crop) * 0.72 + colour(sky[-1][1]) * 0.22, (1 - near) * 0.75)
    canvas = np.repeat(gradient(height, [(place * 0.42, tone) for place, tone in sky]), width, 1)
    canvas = canvas + clouds(rng, width, height)[..., None] * colour(sky[-1][1]) * 0.5
    canvas = mixed(
        canvas,
        [1.2, 1.1, 0.85],
        disc(width, height, width * 0.36, horizon - height * 0.05, height * 0.022, 6),
    )
    canvas = mixed(canvas, field, (ys >= horizon) * np.ones_like(xs))
    light = glow(width, height, width * 0.36, horizon, height * 0.34)[..., None]
    hills = horizon - height * (0.022 + 0.03 * (line_noise(rng, width, width * 0.3, 7) + 0.3))
    hedge = below_line(height, hills, 1.5) * (ys < horizon + 3)
    canvas = mixed(canvas, colour(crop) * 0.30 + colour(sky[-1][1]) * 0.25, hedge)
    return developed(canvas + light * colour("#ffb469") * 0.55)
