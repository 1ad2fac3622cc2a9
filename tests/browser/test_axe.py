"""No screen keeps anybody out: axe finds nothing, and nothing is wider than a narrow screen or moves in vain.

`make axe` looks at each screen in every variant. Here each is looked at wide and narrow, light and dark; at which of
the two widths it is dark takes turns, as neighbours in the table are of one kind.
"""

from __future__ import annotations

import os
from itertools import cycle

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import COLOURS, SCROLLS_SIDEWAYS, STANDARD, barriers
from tests.screens.stage import VARIANTS, Stage, Variant, show
from webapp.demo.scenes import SCENES

pytestmark = pytest.mark.browser

LONG = bool(os.environ.get("SCREENS_LONG"))
SHAPES = ["target-size", "scrollable-region-focusable"]
NARROW = [*SHAPES, "color-contrast"]  # what a narrow screen can change
ALL = {"desktop-light": STANDARD, "desktop-dark": COLOURS, "320-light": NARROW, "320-dark": COLOURS}
IN_TURNS = (
    {"desktop-light": STANDARD, "desktop-dark": COLOURS, "320-light": NARROW},
    {"desktop-light": STANDARD, "320-dark": [*SHAPES, *COLOURS]},
)
BETWEEN = (480, 768, 1024)  # pixels; the widths at which a layout is about to change are where it breaks
PICTURES = 8  # enough to show what a full library looks like


def test_axe_finds_nothing_on_any_screen(browser: Browser) -> None:
    found = []
    rules = cycle([ALL] if LONG else IN_TURNS)
    with Stage(browser, SCENES[:PICTURES]) as stage:
        for screen in stage.screens():
            if screen.ours:
                with stage.open(screen) as page:
                    faults = faults_in_variants(page, next(rules)) + too_wide(page)
                    found += [f"{screen.name}: {one}" for one in faults]
    assert found == [], "\n".join(found)


def faults_in_variants(page: Page, rules: dict[str, list[str]]) -> list[str]:
    """All rules once; another width or other colours can only break some of them."""
    shown = [variant for variant in VARIANTS if variant.name in rules]
    return [f"{variant.name}: {one}" for variant in shown for one in faults_in(page, variant, rules[variant.name])]


def faults_in(page: Page, variant: Variant, rules: list[str]) -> list[str]:
    show(page, variant)
    found = barriers(page, rules)
    if page.evaluate(SCROLLS_SIDEWAYS):
        found.append("scrolls sideways")
    if page.evaluate("document.getAnimations().length"):
        found.append("moves for somebody who wants no motion")
    return found


def too_wide(page: Page) -> list[str]:
    found = []
    for width in BETWEEN:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate(SCROLLS_SIDEWAYS):
            found.append(f"scrolls sideways where it is {width} px wide")
    return found
