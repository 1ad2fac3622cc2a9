"""Filters over jobs: by columns and by fields of the documents, alike on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.support.rows import SYNC, change
from webapp.database import db
from webapp.jobs import BadFilter, Job, cancel_by_id, queue
from webapp.jobs.where import MOST_CONDITIONS, MOST_VALUES, conditions, from_texts

pytestmark = both_databases


FOUND = [
    (None, {"plain", "about", "images", "old"}),
    ({"status": "cancelled"}, {"images"}),
    ({"status": ["cancelled", "running"]}, {"images"}),
    ({"status": []}, set()),
    ({"taskSlug": SYNC}, {"plain", "about"}),
    ({"task_slug": SYNC, "priority": 3}, {"about"}),
    ({"workflowSlug": "oldWorkflow"}, {"old"}),
    ({"slug": ["oldWorkflow", "makeRenditions"]}, {"images", "old"}),
    ({"subject": None}, {"plain", "images", "old"}),
    ({"subject": [None, "media:2"]}, {"plain", "about", "images", "old"}),
    ({"input.mediaId": 2}, {"about", "images"}),
    ({"input.mediaId": "2"}, {"about", "images"}),
    ({"input.mediaId": [1, 30], "queue": "images"}, {"old"}),
    ({"input.nothing": 1}, set()),
    ({"input.nothing": None}, {"plain", "about", "images", "old"}),
    ({"meta.kind": "b"}, {"images"}),
    ({"meta.kind": None}, {"plain", "old"}),
    ({"meta.urgent": True}, {"about"}),
    ({"meta.urgent": False}, {"images"}),
    ({"meta.urgent": 1}, {"old"}),
    ({"meta.a.b-c d": 1.5}, {"images"}),
    ({"output.renditions": 4}, {"old"}),
    ({"output.0": 4}, set()),
    ({"id": 2**63 - 1}, set()),
    ({"subject": "' OR 1=1 --"}, set()),
]


REFUSED = [
    ({"bogus": 1}, "no filter 'bogus'.*taskSlug.*input"),
    ({"token": "x"}, "no filter 'token'"),
    ({"input": 1}, "no filter 'input'"),
    ({"input.": 1}, "no filter"),
    ({'input.a"b': 1}, "no filter"),
    ({"input.a\0b": 1}, "no filter"),
    ({"input.\ud800": 1}, "no filter"),
    ({"input." + "x" * 101: 1}, "no filter"),
    ({"status": "done"}, "no 'done'. There are: queued"),
    ({"id": "1"}, "not a whole number"),
    ({"id": True}, "not a whole number"),
    ({"id": 2**63}, "too large"),
    ({"priority": 2**31}, "too large"),
    ({"priority": 1.5}, "not a whole number"),
    ({"queue": 7}, "not a text"),
    ({"queue": "a\0b"}, "character"),
    ({"slug": 7}, "not a text"),
    ({"input.mediaId": 10**5000}, "too large"),
    ({"meta.kind": "\0"}, "character"),
    ({"subject": {"like": "x"}}, "a value or a list"),
    ({"subject": [["x"]]}, "a value or a list"),
    ({"id": list(range(MOST_VALUES + 1))}, "values at most"),
    ({f"input.a{n}": 1 for n in range(MOST_CONDITIONS + 1)}, "conditions at most"),
]


@pytest.fixture
def jobs(in_app) -> dict[str, Job]:
    found = {
        "plain": queue(SYNC, {"mediaId": 1}),
        "about": queue(SYNC, {"mediaId": 2}, subject="media:2", priority=3, meta={"kind": "a", "urgent": True}),
        "images": queue("makeRenditions", {"mediaId": 2}, meta={"kind": "b", "urgent": False, "a.b-c d": 1.5}),
        "old": queue("makeRenditions", {"mediaId": 30}, meta={"urgent": 1, "kind": None}),
    }
    change(found["old"], output={"renditions": 4}, task_slug=None, workflow_slug="oldWorkflow")
    change(found["plain"], output="renditions")
    change(found["about"], output=[4])
    cancel_by_id(found["images"].id)
    return found


def matching(jobs: dict[str, Job], where) -> set[str]:
    names = {job.id: name for name, job in jobs.items()}
    return {names[job_id] for job_id in db.session.scalars(select(Job.id).where(*conditions(where)))}


def test_finds_what_matches_all_of_it(jobs):
    for where, found in FOUND:
        assert matching(jobs, where) == found, where


def test_what_can_not_be_asked_is_refused_in_words(in_app):
    for where, words in REFUSED:
        with pytest.raises(BadFilter, match=words):
            conditions(where)


def test_as_much_as_is_allowed_can_be_asked(jobs):
    many = {f"input.a{n}": [None, *range(MOST_VALUES - 1)] for n in range(MOST_CONDITIONS)}
    assert matching(jobs, many) == set(jobs)


def test_conditions_are_read_from_texts(jobs):
    texts = ["status=queued", "input.mediaId=1", "input.mediaId=30", "schedule=null"]
    assert matching(jobs, from_texts(texts)) == {"plain", "old"}
    assert matching(jobs, from_texts([f"id={jobs['about'].id}", "subject=media:2"])) == {"about"}
    assert matching(jobs, from_texts(["concurrencyKey=a=b"])) == set()
    with pytest.raises(BadFilter, match="NAME=VALUE"):
        from_texts(["status"])
    with pytest.raises(BadFilter, match="not a whole number"):
        conditions(from_texts(["priority=high"]))
