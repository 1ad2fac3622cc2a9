"""No screen keeps anybody out: axe finds nothing, and nothing is wider than a narrow screen or moves in vain."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import COLOURS, SCROLLS_SIDEWAYS, STANDARD, barriers
from tests.screens.stage import VARIANTS, Stage, Variant, show
from webapp.demo.scenes import SCENES

pytestmark = pytest.mark.browser

SHAPES = ["target-size", "scrollable-region-focusable", "color-contrast"]  # what a narrow screen can change
RULES = {"desktop-light": STANDARD, "desktop-dark": COLOURS, "320-light": SHAPES, "320-dark": COLOURS}
BETWEEN = (480, 768, 1024)  # pixels; the widths at which a layout is about to change are where it breaks
PICTURES = 8  # enough to show what a full library looks like


def test_axe_finds_nothing_on_any_screen(browser: Browser) -> None:
    found = []
    with Stage(browser, SCENES[:PICTURES]) as stage:
        for screen in stage.screens():
            if screen.ours:
                with stage.open(screen) as page:
                    found += [f"{screen.name}: {one}" for one in barriers_in_each_variant(page) + too_wide(page)]
    assert found == [], "\n".join(found)


def barriers_in_each_variant(page: Page) -> list[str]:
    return [f"{variant.name}: {one}" for variant in VARIANTS for one in faults(page, variant)]


def faults(page: Page, variant: Variant) -> list[str]:
    """All rules once; another width or other colours can only break some of them."""
    show(page, variant)
    found = barriers(page, RULES[variant.name])
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
