"""`make run`: the whole product on one machine, started, broken and stopped for real.

Where it is not about the start itself, the processes are forked from a server that has imported everything already.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.support.databases import SqliteTemplates
from tests.support.site import ForkedSite, Site
from tests.support.waiting import wait_until


@pytest.fixture
def commanded_site() -> Iterator[Site]:
    site = Site().start().wait_until_up()
    yield site
    site.remove()


@pytest.fixture
def site(sqlite_templates: SqliteTemplates) -> Iterator[ForkedSite]:
    site = ForkedSite(sqlite_templates).start().wait_until_up()
    yield site
    site.remove()


def test_stops_cleanly_and_leaves_no_process_behind(commanded_site: Site) -> None:
    for signum in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C, and a process manager
        family = psutil.Process(commanded_site.pid).children(recursive=True)
        assert len(family) >= 6  # Valkey and its keeper, web, two workers, clock
        assert commanded_site.stop(signum) == 0
        _, alive = psutil.wait_procs(family, timeout=5)
        assert not alive
        commanded_site.start().wait_until_up()


def test_a_child_that_crashes_is_started_again_and_the_rest_goes_on(site: ForkedSite) -> None:
    for part in ("web", "on default", "on images", "clock", "valkey"):
        child = wait_until(lambda part=part: site.child(part))
        child.kill()
        wait_until(lambda part=part, child=child: (again := site.child(part)) is not None and again.pid != child.pid)
    wait_until(lambda: site.status("/readyz") == 200)


def test_a_second_copy_is_refused_with_words_that_say_the_way_out(
    site: ForkedSite, sqlite_templates: SqliteTemplates
) -> None:
    same_folder = ForkedSite(sqlite_templates, DATA_DIR=str(site.data_dir)).start()
    same_port = ForkedSite(sqlite_templates, PORT=str(site.port)).start()
    assert (same_folder.exit_code(), same_port.exit_code()) == (1, 1)
    wait_until(lambda: "Another copy runs with" in same_folder.output)
    wait_until(lambda: f"PORT={site.port + 1} make run" in same_port.output)
    assert site.status("/healthz") == 200


def test_killing_the_supervisor_leaves_nothing_that_blocks_the_next_start(site: ForkedSite) -> None:
    family = psutil.Process(site.pid).children(recursive=True)
    site.stop(signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive
    wait_until(lambda: site.status("/healthz") == 0)
    site.start().wait_until_up()
    assert site.status("/healthz") == 200


def test_the_demo_comes_with_an_account_pictures_pages_and_posts_and_stays_after_a_restart() -> None:
    site = Site(DEMO="1").start().wait_until_up()
    try:
        assert "Sign in as demo@gallerist.example with the password" in site.output
        site.wait_for_line("demo.ready", seconds=120)
        assert site.status("/latest-pictures") == site.status("/posts/getting-up-for-the-light") == 200
        assert site.stop() == 0
        site.start().wait_until_up()
        assert site.status("/latest-pictures") == 200
    finally:
        site.remove()
