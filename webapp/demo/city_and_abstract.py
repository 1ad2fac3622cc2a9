"""Painters of the city at night, of façades, and of things so near that they become patterns."""

import numpy as np

from webapp.demo.brushes import (
    Array,
    Colour,
    Random,
    below_line,
    blurred,
    colour,
    developed,
    glow,
    gradient,
    grid,
    line_noise,
    mixed,
    noise,
    smoothstep,
)

LAMPS: tuple[Colour, ...] = ("#ffb45a", "#ffd9a0", "#ff8a4a", "#fff0d8", "#9fd8ff", "#ff5a4a", "#6affd0")


def skyline(rng: Random, width: int, height: int) -> Array:
    """Towers with lit windows across a river."""
    edge = int(height * 0.66)
    sky = np.repeat(gradient(edge, [(0, "#0b1230"), (0.45, "#2c2f62"), (0.8, "#a8607a"), (1, "#f0a070")]), width, 1)
    sky = sky + (noise(rng, width, edge, edge * 0.3, 5, 4)[..., None] - 0.5) * 0.10
    for row in range(3):
        part = row / 2
        tone = colour("#4a4870") * (1 - part) + colour("#0c0f1e") * part
        for _ in range(34 - 6 * row):
            _tower(rng, sky, edge, tone, 0.22 + 0.62 * part)
    _embankment(rng, sky, edge)
    rows = height - edge
    ripple = (noise(rng, width, rows, rows * 0.045, 3, 12) - 0.5) * rows * 0.5
    ys = grid(width, rows)[1]
    mirror = np.clip(edge - 1 - ys * 1.4 + ripple * (0.3 + ys / rows), 0, edge - 1).astype(np.int32)
    water = sky[mirror, np.arange(width)[None, :]] * 0.72 + colour("#0a1020") * 0.25
    return developed(np.concatenate([sky, water]), bloom=0.9, vignette=0.4)


def _embankment(rng: Random, sky: Array, edge: int) -> None:
    """Low houses and street lamps along the water, so that the towers stand on something."""
    width = sky.shape[1]
    roofs = edge * (0.035 + 0.03 * np.repeat(rng.random(width // 9 + 1), 9)[:width])
    sky[:edge] = mixed(sky[:edge], "#0a0c18", below_line(edge, (edge - roofs).astype(np.float32)))
    for x in range(4, width - 4, max(6, width // 120)):
        _spot(sky, x, edge - 4 - 3 * rng.random(), 1.6, colour(LAMPS[rng.integers(4)]) * (0.5 + rng.random()))


def _tower(rng: Random, sky: Array, edge: int, tone: Array, light: float) -> None:
    width = sky.shape[1]
    wide, x = int(width * (0.014 + 0.026 * rng.random())), int(rng.random() * width)
    middle = np.exp(-(((x / width - 0.58) / 0.26) ** 2))
    tall = int(edge * (0.12 + (0.18 + 0.62 * middle) * rng.random() ** 1.2))
    left, right, top = x, min(width, x + wide), edge - tall
    if right - left < 6:
        return
    sky[top:edge, left:right] = tone * np.linspace(0.9, 1.15, right - left)[None, :, None]
    if rng.random() > 0.6:
        mast = left + (right - left) // 2
        sky[max(0, top - tall // 6) : top, mast : mast + 1] = tone
    across, down = 4, 5
    columns, floors = (right - left - 2) // across, (tall - 4) // down
    if columns < 1 or floors < 1:
        return
    busy = 0.25 + 0.45 * rng.random()
    lit = (rng.random((floors, columns)) < busy * (0.6 + 0.8 * rng.random((floors, 1)))) * rng.random((floors, columns))
    lamp = colour(LAMPS[rng.choice(5, p=[0.35, 0.3, 0.1, 0.15, 0.1])])
    panes = np.zeros((floors * down, columns * across), np.float32)
    for dy in range(2):
        for dx in range(2):
            panes[1 + dy :: down, 1 + dx :: across] = lit
    area = sky[top + 3 : top + 3 + floors * down, left + 1 : left + 1 + columns * across]
    area += panes[: area.shape[0], : area.shape[1], None] * lamp * light * 3.4


def bokeh(rng: Random, width: int, height: int, lamps: tuple[Colour, ...] = LAMPS, count: int = 150) -> Array:
    """Street lights far out of focus."""
    canvas = np.repeat(gradient(height, [(0, "#0a1226"), (0.55, "#1c1a34"), (1, "#0c0a14")]), width, 1)
    haze = noise(rng, width, height, height * 0.4, 3)[..., None]
    canvas = (
        canvas + haze * colour("#3a2418") * glow(width, height, width * 0.5, height * 0.55, height * 0.4)[..., None]
    )
    unit = min(width, height)
    for _ in range(count):
        side = rng.choice([-1, 1]) * (0.06 + 0.5 * rng.random() ** 0.8)
        x = width * (0.5 + side * (0.35 + 0.75 * rng.random()))
        y = height * (0.56 + rng.normal(0, 0.05 + 0.26 * abs(side)))
        radius = unit * (0.012 + 0.075 * abs(side) * (0.5 + rng.random()))
        _spot(canvas, x, y, radius, colour(lamps[rng.integers(len(lamps))]) * (0.10 + 0.42 * rng.random() ** 2))
    for _ in range(60):
        x, y = rng.normal(0.5, 0.16) * width, rng.normal(0.57, 0.03) * height
        _spot(canvas, x, y, unit * 0.009 * (0.6 + rng.random()), colour(lamps[rng.integers(len(lamps))]) * 0.55)
    wet = canvas[int(height * 0.60) :][::-1].copy()
    canvas[int(height * 0.60) :] += 0.35 * blurred(wet, height * 0.02)
    return developed(canvas, bloom=0.6, vignette=0.4)


def _spot(canvas: Array, x: float, y: float, radius: float, light: Array) -> None:
    """A lens's picture of a point: a disc with a brighter rim."""
    height, width = canvas.shape[:2]
    left, right = max(0, int(x - radius - 2)), min(width, int(x + radius + 3))
    top, bottom = max(0, int(y - radius - 2)), min(height, int(y + radius + 3))
    if left >= right or top >= bottom:
        return
    xs = np.arange(left, right, dtype=np.float32)[None, :] - x
    ys = np.arange(top, bottom, dtype=np.float32)[:, None] - y
    distance = np.sqrt(xs * xs + ys * ys) / radius
    body = np.clip((1 - distance) * radius / 1.8, 0, 1) * (0.72 + 0.38 * np.clip(distance, 0, 1) ** 5)
    canvas[top:bottom, left:right] += body[..., None] * light


def rain_on_glass(rng: Random, width: int, height: int) -> Array:
    """Drops on a window, each with the evening street upside down in it."""
    scene = np.repeat(gradient(height, [(0, "#16233c"), (0.5, "#3a4a62"), (1, "#141a28")]), width, 1)
    for _ in range(46):
        lamp = colour(LAMPS[rng.integers(len(LAMPS))]) * (0.25 + 0.6 * rng.random())
        _spot(
            scene,
            rng.random() * width,
            rng.normal(0.55, 0.16) * height,
            width * (0.03 + 0.06 * rng.random()),
            lamp,
        )
    scene = blurred(scene / 1.6, width * 0.012) * 1.6
    canvas, tiny = scene.copy(), blurred(scene, width * 0.01)
    for size, count in ((0.0035, 900), (0.009, 330), (0.019, 90), (0.030, 22)):
        for _ in range(count):
            _drop(
                rng,
                canvas,
                tiny,
                rng.random() * width,
                rng.random() * height,
                width * size * (0.6 + 0.8 * rng.random()),
            )
    return developed(canvas, bloom=0.35, vignette=0.45)


def _drop(rng: Random, canvas: Array, scene: Array, x: float, y: float, radius: float) -> None:
    height, width = canvas.shape[:2]
    tall = radius * (1 + 0.35 * rng.random())
    left, right, top, bottom = int(x - radius - 1), int(x + radius + 2), int(y - tall - 1), int(y + tall + 2)
    if left < 0 or top < 0 or right > width or bottom > height:
        return
    xs = (np.arange(left, right, dtype=np.float32)[None, :] - x) / radius
    ys = (np.arange(top, bottom, dtype=np.float32)[:, None] - y) / tall
    off = np.sqrt(xs * xs + ys * ys)
    bend = 6 * radius * (0.6 + 0.9 * off)
    from_x = np.clip(x - xs * bend * 1.5, 0, width - 1).astype(np.int32)
    from_y = np.clip(y - ys * bend * 2.2, 0, height - 1).astype(np.int32)
    inside = scene[from_y, from_x] * (1.12 - 0.42 * off**4)[..., None] + 0.02
    spark = np.exp(-((xs + 0.35) ** 2 + (ys + 0.42) ** 2) / 0.02)[..., None] * 0.7
    rim = smoothstep(0.55, 1.0, off)[..., None] * np.clip(ys, 0, 1)[..., None] * 0.16
    cover = np.clip((1 - off) * radius + 0.5, 0, 1)[..., None]
    area = canvas[top:bottom, left:right]
    area += (inside + spark + rim - area) * cover


def ink(rng: Random, width: int, height: int, tones: tuple[Colour, ...]) -> Array:
    """Ink spreading in water: noise bent by noise."""
    base = [noise(rng, width, height, height * 0.55, 5) for _ in range(2)]
    field = noise(rng, width, height, height * 0.42, 7)
    xs, ys = grid(width, height)
    pull = height * 0.62
    for _ in range(2):
        at_x = np.clip(xs + (base[0] - 0.5) * pull, 0, width - 1).astype(np.int32)
        at_y = np.clip(ys + (base[1] - 0.5) * pull, 0, height - 1).astype(np.int32)
        field, base = field[at_y, at_x] * 0.75 + 0.25 * base[0], [base[1][at_y, at_x], base[0][at_y, at_x]]
    low, high = (float(each) for each in np.quantile(field[::7, ::7], [0.01, 0.99]))
    place = np.clip((field - low) / (high - low), 0, 1)
    ramp = gradient(1024, [(i / (len(tones) - 1), tone) for i, tone in enumerate(tones)])[:, 0]
    canvas = ramp[(place * 1023).astype(np.int32)]
    slope = np.diff(place, axis=0, prepend=place[:1]) + np.diff(place, axis=1, prepend=place[:, :1])
    return developed(canvas * (1 + np.clip(slope * 9, -0.22, 0.22))[..., None], vignette=0.25)


def agate(rng: Random, width: int, height: int, tones: tuple[Colour, ...]) -> Array:
    """A slice of agate: fine bands around a hollow."""
    xs, ys = grid(width, height)
    x, y = (xs - width * 0.46) / height, (ys - height * 0.54) / height
    warp = noise(rng, width, height, height * 0.5, 5) - 0.5
    reach = np.sqrt(x * x * 0.8 + y * y) + 0.55 * warp
    bands = line_noise(rng, 2048, 60, 6, 0.75)
    bands = (bands - bands.min()) / (bands.max() - bands.min())
    place = bands[(np.clip(reach, 0, 0.999) * 2047).astype(np.int32)]
    ramp = gradient(1024, [(i / (len(tones) - 1), tone) for i, tone in enumerate(tones)])[:, 0]
    canvas = ramp[(place * 1023).astype(np.int32)]
    crystals = smoothstep(0.17, 0.05, reach)
    sparkle = noise(rng, width, height, 14, 3)
    canvas = mixed(canvas, colour("#f4efff") * (0.45 + 0.8 * sparkle[..., None]), crystals)
    return developed(canvas * (0.92 + 0.16 * noise(rng, width, height, height * 0.3, 3))[..., None], vignette=0.3)
