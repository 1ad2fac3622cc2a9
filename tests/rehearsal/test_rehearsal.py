"""A day in production, squeezed: what was answered is kept, once, and nobody sees an error that has no reason.

`make rehearse SECONDS=300 SEED=1` does it for longer, or again. In the short form Redis and the bucket are away for 2
seconds each, in a long one for 10.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.rehearsal import books
from tests.rehearsal.counts import HANGS_AFTER, Asked, table, what_may_not_be
from tests.rehearsal.harm import Day
from tests.rehearsal.people import Person
from tests.rehearsal.production import GONE_WITHIN, Production
from tests.support import s3
from tests.support.databases import on_postgresql
from tests.support.http import Client
from webapp.models.page import PUBLISHED, create_page

SECONDS = float(os.environ.get("REHEARSE_SECONDS", "20"))
SEED = int(os.environ.get("REHEARSE_SEED") or random.randrange(10**6))
A_LONG_DAY = 60  # seconds; in a shorter one nobody waits for the pauses between two tries of a job
PEOPLE = 16
PAUSES = (0.5, 2.5)  # seconds between two things that one of them does


@pytest.fixture
def production(database_url: str, s3_server: s3.S3Server, s3_keys: None) -> Iterator[Production]:
    production = Production(database_url, s3_server)
    yield production
    production.stop()


@on_postgresql
def test_a_day_in_production_loses_nothing_and_shows_nobody_an_error_without_a_reason(production, record_property):
    print(f"seed {SEED}")
    people = [employ(production, number) for number in range(PEOPLE)]
    day = Day(production, random.Random(SEED), SECONDS)
    production.start_all()
    over = Event()
    with ThreadPoolExecutor(PEOPLE) as at_work:
        deeds = [at_work.submit(person.work_until, over, PAUSES) for person in people]
        try:
            day.pass_by()
        finally:
            over.set()
    for deed in deeds:
        deed.result()
    production.wait_until(production.is_up, 60)
    send_again(people)
    poison = books.settle(production, in_a_hurry=SECONDS < A_LONG_DAY)
    for person in people:
        person.look_at_page()  # with all its pictures, of which a short day on a slow machine may have seen none
    asked = [one for person in people for one in person.asked]
    report(production, day, asked, poison, record_property)
    assert books.balance(production, people) == []
    assert [one.told() for one in what_may_not_be(asked, day.s3_away, day.web_killed)] == []
    assert max(parting.result() for parting in production.partings) < GONE_WITHIN
    assert doctor_of(production) == (0, [])


def employ(production: Production, number: int) -> Person:
    """Somebody with a page of their own, whose gallery takes every picture that anybody uploads."""
    with production.rows():
        page = create_page(f"Page {number}", status=PUBLISHED, layout=[{"blockType": "gallery", "autoSync": True}])
        own = {"id": page.id, "slug": page.slug, "title": page.title, "galleryId": page.blocks[0].id}
    return Person(Client(production.port, production.token, HANGS_AFTER), own, random.Random(SEED + number))


def send_again(people: list[Person]) -> None:
    """What was not taken, now that everything is back; so each picture that was ever sent must be there once."""
    for person in people:
        while person.to_send:
            person.send(person.to_send.pop())
            assert person.asked[-1].status in (200, 201), person.asked[-1]


def doctor_of(production: Production) -> tuple[int, list[str]]:
    """The exit code of `flask doctor`, and the lines of what is not well."""
    told = production.app.test_cli_runner().invoke(args=["doctor"])
    return told.exit_code, [line for line in told.output.splitlines() if not line.startswith("ok ")]


def report(production: Production, day: Day, asked: list[Asked], poison: int, record_property) -> None:
    jobs = production.sql("SELECT status, count(*) AS count FROM jobs GROUP BY status")
    counts = {
        "seed": SEED,
        "seconds": SECONDS,
        "faults": dict(sorted(day.faults.items())),
        "pictures": production.number("SELECT count(*) FROM media"),
        "items": production.number("SELECT count(*) FROM items"),
        "hidden": production.number("SELECT count(*) FROM items WHERE hidden"),
        "jobs": {row.status: row.count for row in jobs},
        "crashes of jobs": production.number("SELECT coalesce(sum(crashes), 0) FROM jobs"),
        "jobs taken for poison and tried again": poison,
        "files without a row": books.files_without_a_row(production),
        "slowest to go after SIGTERM, s": round(max(p.result() for p in production.partings), 1),
        "router": dict(production.router.seen),
    }
    lines = [*(f"{name}: {value}" for name, value in counts.items()), *table(asked)]
    print("\n".join(lines))
    record_property("Rehearsal", "\n  ".join(["", *lines]))
    assert Counter(one.kind for one in asked).keys() >= {"upload", "complete", "hide", "picture"}, "too little was done"
