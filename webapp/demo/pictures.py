"""Pictures for a demo library: no photographer was there, but they should look as if."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from webapp.demo import city_and_abstract as city
from webapp.demo import facades, land, woods
from webapp.demo import sea_and_night as sea
from webapp.demo.brushes import Array, Random, as_image, as_jpeg, with_grain
from webapp.demo.scenes import SCENES, Scene

__all__ = ["PAINTERS", "SCENES", "Scene", "draw"]

Painter = Callable[[Random, int, int], Array]

PAINTED = 0.66  # of the size: half the time, and the softness of a real lens

PAINTERS: dict[str, Painter] = {
    "ridges by day": partial(
        land.ridges,
        sky=[(0, "#5d86b8"), (0.35, "#c9d8e4"), (0.6, "#f4e3cf")],
        haze="#b9cde2",
        near="#0c2238",
        sun=(0.70, 0.20, "#ffe9c9"),
    ),
    "ridges at dusk": partial(
        land.ridges,
        sky=[(0, "#2b2350"), (0.25, "#8a4a78"), (0.45, "#f08a5a"), (0.6, "#ffc27a")],
        haze="#e29070",
        near="#120d22",
        sun=(0.30, 0.36, "#ffb066"),
        layers=6,
        top=0.46,
    ),
    "ridges in gold": partial(
        land.ridges,
        sky=[(0, "#8fb0c0"), (0.3, "#f2dcae"), (0.5, "#ffd98f")],
        haze="#f0cf98",
        near="#16211b",
        sun=(0.40, 0.24, "#ffdb8a"),
        top=0.36,
        trees=True,
    ),
    "spruces in fog": partial(woods.spruces, fog="#cdd6da", near="#101b1e"),
    "spruces at sunrise": partial(woods.spruces, fog="#e2c6a8", near="#20160f", light=0.5),
    "beech wood": partial(woods.trunks, fog="#c9c48c", near="#1b1710"),
    "peaks": partial(land.peaks, sky=[(0, "#2a5a9c"), (0.6, "#b4cfe6")], sun="#ffe6c8", shade="#4a5f8c"),
    "above the clouds": partial(
        land.above_clouds, sky=[(0, "#3a5a94"), (0.2, "#c79ab0"), (0.4, "#ffc9a0")], sun="#ffd2b4"
    ),
    "dunes by day": partial(land.dunes, sky=[(0, "#2f74b5"), (0.4, "#cfe0e6")], sun="#f2b877", shade="#8a4a2a"),
    "dunes at dusk": partial(
        land.dunes, sky=[(0, "#5a4a80"), (0.35, "#f0b090")], sun="#ff9a58", shade="#3a2036", eye=60
    ),
    "snow": partial(land.snowfield, sky=[(0, "#a8c4e0"), (0.4, "#f8e4dc")], shade="#7f9cc8"),
    "lavender": partial(
        land.rows, sky=[(0, "#6a6aa8"), (0.6, "#f0a890"), (1, "#ffd8a0")], crop="#8a5cc0", soil="#6a4a34"
    ),
    "meadow": partial(woods.meadow, back="#e8a850", blade="#5a4a14"),
    "sea at dawn": partial(
        sea.sea,
        sky=[(0, "#5a78a8"), (0.6, "#f0b8a0"), (1, "#ffd9a8")],
        deep="#1c3a52",
        sun=(0.62, 0.40, "#ffcf8a"),
        calm=0.7,
        cloud=0.6,
        coast="#3a3a52",
    ),
    "sea at sunset": partial(
        sea.sea,
        sky=[(0, "#2a2a5a"), (0.5, "#b04a5a"), (1, "#ff9a4a")],
        deep="#1a1230",
        sun=(0.36, 0.46, "#ffb05a"),
        horizon=0.52,
        calm=0.3,
        cloud=0.9,
    ),
    "sea by moonlight": partial(
        sea.sea,
        sky=[(0, "#0a1428"), (0.6, "#1c3458"), (1, "#5a7a98")],
        deep="#04101c",
        sun=(0.5, 0.22, "#dfeaff"),
        horizon=0.46,
        calm=0.4,
        cloud=0.7,
    ),
    "milky way": sea.milky_way,
    "star trails": sea.star_trails,
    "aurora": partial(sea.aurora, low="#4affa0", high="#8a5ae0"),
    "aurora in red": partial(sea.aurora, low="#7affb0", high="#e0407a", lake=False),
    "skyline": city.skyline,
    "street lights": city.bokeh,
    "rain on glass": city.rain_on_glass,
    "balconies": partial(facades.balconies, wall="#f0d8b8", shade="#7a5a4a"),
    "white curves": partial(facades.white_curves, light="#fdfcf8", shade="#5a6a80"),
    "ink": partial(city.ink, tones=("#0a1230", "#123a6a", "#2a8ab0", "#e8f0e8", "#f8b08a")),
    "agate": partial(city.agate, tones=("#12304a", "#1f6a78", "#8fc4b8", "#f4ecd8", "#c87a3a", "#5a2a1a")),
}
"""Every kind of picture by its name."""


def draw(name: str, width: int, height: int, seed: int) -> bytes:
    """A JPEG of `width` × `height` pixels, always the same for the same arguments.

    `name` is one of PAINTERS, which is what a Scene calls its kind; any other raises KeyError.
    """
    rng = np.random.default_rng(seed)
    canvas = PAINTERS[name](rng, round(width * PAINTED), round(height * PAINTED))
    picture = as_image(canvas).resize((width, height), Image.Resampling.BICUBIC)
    return as_jpeg(with_grain(picture, rng))
