"""A real Chromium on a real site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import chromium
from tests.support.databases import SqliteTemplates
from tests.support.site import ForkedSite, Site

expect.set_options(timeout=15_000)  # milliseconds; tests share the machine with other tests


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return browser_type_launch_args | {"executable_path": chromium.find(), "args": quiet}


@pytest.fixture
def site(sqlite_templates: SqliteTemplates) -> Iterator[Site]:
    """An empty Gallerist, as after `DEMO=0 make run`."""
    site = ForkedSite(sqlite_templates).start().wait_until_up()
    yield site
    print(site.output[-5000:])  # shown when a test fails
    site.remove()


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """In which no script runs."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()
