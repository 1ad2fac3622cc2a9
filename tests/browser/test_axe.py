"""No screen keeps anybody out: axe finds nothing, and nothing is wider than a narrow screen or moves in vain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.screens.stage import VARIANTS, Stage, Variant, show
from webapp.demo.scenes import SCENES

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (runOnly) => {
    const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"], preload: false });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
        `${id}: ${target.join(" ")}: ${failureSummary.replaceAll("\\n", " ")}`));
}"""
COLOURS = ["color-contrast", "link-in-text-block"]
SHAPES = ["target-size", "scrollable-region-focusable", "color-contrast"]  # what a narrow screen can change
RULES = {"desktop-light": STANDARD, "desktop-dark": COLOURS, "320-light": SHAPES, "320-dark": COLOURS}
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
BETWEEN = (480, 768, 1024)  # pixels; the widths at which a layout is about to change are where it breaks
PICTURES = 8  # enough to show what a full library looks like


def test_axe_finds_nothing_on_any_screen(browser: Browser) -> None:
    found = []
    with Stage(browser, SCENES[:PICTURES]) as stage:
        for screen in stage.screens():
            if screen.ours:
                with stage.open(screen) as page:
                    page.evaluate(AXE)
                    found += [f"{screen.name}: {one}" for one in barriers_in_each_variant(page) + too_wide(page)]
    assert found == [], "\n".join(found)


def barriers_in_each_variant(page: Page) -> list[str]:
    return [f"{variant.name}: {one}" for variant in VARIANTS for one in barriers(page, variant)]


def barriers(page: Page, variant: Variant) -> list[str]:
    """All rules once; another width or other colours can only break some of them."""
    show(page, variant)
    found: list[Any] = page.evaluate(RUN, RULES[variant.name])
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
