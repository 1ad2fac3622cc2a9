"""Looks for barriers on an open page with axe."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

# It understands the same few colours thousands of times on a page, which was a third of its time.
REMEMBER_COLOURS = """(() => {
    const { prototype } = axe.commons.color.Color;
    const { parseString } = prototype;
    const known = new Map();
    prototype.parseString = function (text) {
        if (!known.has(text)) {
            parseString.call(this, text);
            const { r, g, b, alpha } = this;
            known.set(text, { r, g, b, alpha });
        }
        return Object.assign(this, known.get(text));
    };
})()"""
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text() + REMEMBER_COLOURS
RUN = """async (runOnly) => {
    const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"], preload: false });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
        `${id}: ${target.join(" ")}: ${failureSummary.replaceAll("\\n", " ")}`));
}"""
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what other colours can break
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def barriers(page: Page, rules: list[str]) -> list[str]:
    """Each that axe finds, in words."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN, rules)
    return found


def look_closely(page: Page) -> None:
    """Nothing for axe to find, in light and dark; nothing wider than a narrow screen."""
    for colours, rules in (("light", STANDARD), ("dark", COLOURS)):
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")  # no colour half on its way
        assert barriers(page, rules) == [], f"{colours}: {page.url}"
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 800})
    assert not page.evaluate(SCROLLS_SIDEWAYS), page.url
    page.set_viewport_size(size)
