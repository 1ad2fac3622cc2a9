"""Finds a Chromium for the browser tests; `python -m tests.support.chromium` installs one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

LIGHT = "chromium-headless-shell"  # the same engine without the windows: pages open in half the time
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find(names: Sequence[str] = (LIGHT, *WHOLE)) -> str | None:
    """The path of an installed Chromium; None means the one that Playwright keeps itself."""
    return next((path for name in names if (path := shutil.which(name))), None)


def install() -> None:
    if shutil.which(LIGHT):
        return
    with_apt = bool(shutil.which("apt-get")) and os.geteuid() == 0
    if with_apt and (install_package(LIGHT) or find() or install_package("chromium")):
        return
    if not find():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def install_package(name: str) -> bool:
    """False where there is none of this name, or no network."""
    commands = ["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", name]
    return all(subprocess.run(command).returncode == 0 for command in commands)


if __name__ == "__main__":
    install()
