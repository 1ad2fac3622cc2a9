"""Photographs every screen of tests/screens/table.py: desktop and 320 px wide, light and dark.

python -m tests.screenshots [--to FOLDER] [NAME …]: all screens, or those that are named, into build/screenshots.
--readme makes the three small ones of README.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, Page, sync_playwright

from config import ROOT
from tests.screens.stage import VARIANTS, Stage, show
from tests.screens.table import Screen
from tests.support import chromium
from webapp.demo.scenes import SCENES

IN_README = ("library", "gallery", "public-page")
SMALL = (1280, 860)  # pixels of the screen that README.md shows
LONGEST = 6000  # pixels; what is below it looks like what is above
HEIGHT = """document.querySelector("dialog[open]") ? 0 : document.documentElement.scrollHeight"""  # a dialog is on top


def main() -> int:
    asked = arguments()
    asked.to.mkdir(parents=True, exist_ok=True)
    names = IN_README if asked.readme else asked.names
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        with Stage(browser, SCENES, names) as stage:
            missing = [screen.name for screen in stage.screens() if not photographed(screen, stage, asked.to)]
        browser.close()
    if asked.readme and not missing:
        for name in IN_README:
            make_small(asked.to / f"{name}-desktop-light.png", ROOT / "docs" / f"{name}.webp")
    print(f"The screenshots are in {asked.to}")
    return 1 if missing else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="of screens; all, when none is named")
    parser.add_argument("--readme", action="store_true", help="those of README.md, into docs")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "screenshots", help="a folder")
    return parser.parse_args()


def photographed(screen: Screen, stage: Stage, folder: Path) -> bool:
    """False when it can't be brought about; the others are photographed all the same."""
    try:
        with stage.open(screen) as page:
            photograph(screen, page, folder)
    except (AssertionError, Error) as error:
        print(f"{screen.name}: {error}", flush=True)
        return False
    print(screen.name, flush=True)
    return True


def photograph(screen: Screen, page: Page, folder: Path) -> None:
    for variant in VARIANTS:
        show(page, variant)
        height = min(LONGEST, page.evaluate(HEIGHT))
        clip = {"x": 0, "y": 0, "width": variant.width, "height": max(height, variant.height)}
        page.screenshot(path=folder / f"{screen.name}-{variant.name}.png", full_page=True, clip=clip)  # type: ignore[arg-type]


def make_small(source: Path, target: Path) -> None:
    """Its upper part, a few dozen KB."""
    with Image.open(source) as image:
        image.convert("RGB").crop((0, 0, *SMALL)).save(target, "WEBP", quality=78, method=6)


if __name__ == "__main__":
    sys.exit(main())
