"""No screen keeps anybody out: axe finds nothing, and nothing is wider than a narrow screen."""

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
RUN = """options => axe.run(document, options).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\\n", " ")}`)))"""
EVERYTHING = {"runOnly": STANDARD, "resultTypes": ["violations"], "preload": False}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "preload": False}
RULES = {"desktop-light": EVERYTHING, "desktop-dark": COLOURS, "320-light": EVERYTHING, "320-dark": COLOURS}
PICTURES = 8  # enough to show what a full library looks like


def test_axe_finds_nothing_on_any_screen(browser: Browser) -> None:
    found = []
    with Stage(browser, SCENES[:PICTURES]) as stage:
        for screen in stage.screens():
            if screen.ours:
                with stage.open(screen) as page:
                    page.evaluate(AXE)
                    found += [
                        f"{screen.name}, {variant.name}: {one}"
                        for variant in VARIANTS
                        for one in barriers(page, variant)
                    ]
    assert found == [], "\n".join(found)


def barriers(page: Page, variant: Variant) -> list[str]:
    """All rules once for each width; colours alone change what only they can change."""
    show(page, variant)
    found: list[Any] = page.evaluate(RUN, RULES[variant.name])
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"scrolls sideways at {page.url}")
    return found
