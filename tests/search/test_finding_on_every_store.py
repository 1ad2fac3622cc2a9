"""Finding by meaning where most of what is near may not be seen, wherever the vectors are."""

from __future__ import annotations

import pytest

from tests.search.index import run_dry
from tests.search.stores import on_every_store
from tests.support.batches import add_picture
from webapp.models import finding_meaning
from webapp.models.finding_meaning import find_by_meaning
from webapp.models.post import create_post
from webapp.search.rows import ACTIVE, PGVECTOR, UPSTASH, Generation
from webapp.search.stores import pgvector

pytestmark = on_every_store
PICTURES = 30


@pytest.fixture
def post(in_app, by_meaning, kind, request, monkeypatch):
    """About what many pictures are, that hang nowhere."""
    if kind == UPSTASH:
        request.getfixturevalue("at_upstash")
    monkeypatch.setattr(finding_meaning, "AT_LEAST", 1)
    monkeypatch.setattr(pgvector, "is_usable", lambda dims: kind == PGVECTOR)
    by_meaning.alike = ("heron",)
    for number in range(PICTURES):
        add_picture(None, number, alt="A heron")
    made = create_post("The heron", status="published")
    run_dry()
    assert Generation.query.filter_by(state=ACTIVE).one().store == kind
    return made


def test_what_nobody_may_see_hides_nothing_that_everybody_may_see(post):
    assert found(1, to_everybody=True) == [("posts", post.id)]
    assert len(found(2 * PICTURES, to_everybody=False)) == PICTURES + 1


def found(limit, *, to_everybody):
    return [each[:2] for each in find_by_meaning("heron", limit=limit, to_everybody=to_everybody)]
