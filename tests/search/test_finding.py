"""Finding by meaning: only what may be seen at that moment, and nothing when there is nothing near."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import both_databases
from tests.search.index import run_dry
from tests.support.batches import add_picture
from tests.support.embedding_server import refuse
from webapp.jobs import queue
from webapp.models import finding_meaning, meaning
from webapp.models.finding_meaning import BESIDE_THE_BEST, find_by_meaning
from webapp.models.page import create_page, save_page, trash_page
from webapp.search.embedders.openai import OpenAI

pytestmark = both_databases


@pytest.fixture
def pages(in_app, by_meaning, monkeypatch) -> list:
    """Their vectors are made from their letters, so that only the very same text is near."""
    monkeypatch.setattr(OpenAI, "floor", 0.99)
    made = [create_page(f"Shore {number}", status="published") for number in range(12)]
    queue(meaning.REINDEX)
    run_dry()
    return made


def found(number, **more):
    near = find_by_meaning(f"Shore {number}\nShore {number}", to_everybody=more.pop("to_everybody", True), **more)
    return [(each.collection, each.doc_id) for each in near]


def test_what_is_near_is_found(pages):
    assert found(3) == [("pages", pages[3].id)]
    assert found(3, collections=("media",)) == []


def test_nothing_is_near_to_nonsense(pages):
    assert find_by_meaning("zzz", to_everybody=True) == []
    assert find_by_meaning("  ", to_everybody=True) == []


def test_what_is_hidden_is_not_found_from_that_moment_on_whatever_the_index_says(pages):
    hidden = save_page(pages[3].id, pages[3].version, {"status": "draft"})
    assert found(3) == []
    assert found(3, to_everybody=False) == [("pages", hidden.id)]
    trash_page(hidden.id)
    assert found(3, to_everybody=False) == []


def test_beside_what_is_near_stands_what_is_less_so_and_beside_nothing_nothing(pages, monkeypatch):
    embed = meaning.embedder().embed
    scores = embed([f"Shore {number}\nShore {number}" for number in range(12)]) @ embed(["a question"])[0]
    best, second, *_ = sorted(scores, reverse=True)
    assert 0 < second < best
    wanted = [pages[number].id for number in np.argsort(-scores) if scores[number] >= best * BESIDE_THE_BEST]
    assert 1 < len(wanted) < 12
    monkeypatch.setattr(OpenAI, "floor", (best + second) / 2)
    assert [each.doc_id for each in find_by_meaning("a question", to_everybody=True)] == wanted
    monkeypatch.setattr(OpenAI, "floor", best + 0.01)
    assert find_by_meaning("a question", to_everybody=True) == []


def test_what_may_not_be_seen_makes_nothing_else_near(pages, monkeypatch):
    """Whether there is a draft that fits is not to be told from what is found beside it."""
    embed = meaning.embedder().embed
    scores = embed([f"Shore {number}\nShore {number}" for number in range(12)]) @ embed(["a question"])[0]
    first, second = np.argsort(-scores)[:2]
    monkeypatch.setattr(OpenAI, "floor", (scores[first] + scores[second]) / 2)
    hidden = pages[first]
    save_page(hidden.id, hidden.version, {"status": "draft"})
    assert find_by_meaning("a question", to_everybody=True) == []


def test_what_may_not_be_seen_takes_no_place_from_what_may(pages, by_meaning, monkeypatch):
    monkeypatch.setattr(finding_meaning, "AT_LEAST", 1)
    by_meaning.alike = ("Shore",)
    queue(meaning.REINDEX)
    run_dry()
    for page in pages[:11]:
        save_page(page.id, page.version, {"status": "draft"})
    assert found(0, limit=1) == [("pages", pages[11].id)]
    assert len(found(0, limit=20, to_everybody=False)) == 12


def test_pictures_that_hang_nowhere_are_found_by_those_with_an_account_only(in_app, by_meaning):
    by_meaning.alike = ("heron",)
    media = add_picture(None, 1, alt="A heron")
    run_dry()
    assert find_by_meaning("heron", to_everybody=True) == []
    assert [each.doc_id for each in find_by_meaning("heron", to_everybody=False)] == [media.id]


def test_without_the_embedder_or_with_another_nothing_is_found_and_nothing_breaks(pages, by_meaning, in_app):
    by_meaning.receiver.answers = [refuse(503)]
    assert found(3) == []
    in_app.config["SETTINGS"].embedding_model = "another-model"
    assert found(3) == []
    in_app.config["SETTINGS"].embedder = "off"
    assert found(3) == []
