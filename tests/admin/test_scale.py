"""Ten thousand pictures take as many queries as ten."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.admin.conftest import count_queries
from tests.conftest import both_databases
from tests.support import crowd
from webapp.database import db
from webapp.models import library
from webapp.models.user import User

pytestmark = both_databases

LIBRARY = (
    "", "view=list", "q=boats", "q=boats+harbour", "tag=sea", "type=png", "shape=square", "from=2026-01-01",
    "to=2099-12-31", "by={user}", "no_alt=1", "unused=1", "failed=1", "sort=oldest", "sort=name", "sort=size",
    "trash=1", "q=boats&tag=sea&shape=portrait&no_alt=1&unused=1&sort=name",
)  # fmt: skip
GALLERY = ("", "view=hidden", "view=add", "view=add&q=boats")
DEEP = {"/admin/media?": "&page=166", "/admin/galleries/1?": "&page=60", "/admin/galleries/1?view=add": "&page=90"}


@pytest.fixture(autouse=True)
def tags_are_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full library would know them for a minute, and take a query less than an empty one."""
    monkeypatch.setattr(library, "TAGS_KEPT", -1)


@pytest.fixture
def user_id(in_app: Flask, editor: FlaskClient) -> int:
    return db.session.scalars(select(User.id)).one()


def queries(editor: FlaskClient, user_id: int) -> dict[str, int]:
    paths = [f"/admin/media?{query}".format(user=user_id) for query in LIBRARY]
    paths += [f"/admin/galleries/1?{query}" for query in GALLERY]
    return {path: count_queries(editor, path) for path in paths}


def test_the_library_and_the_galleries_take_the_same_number_of_queries_however_full(editor, user_id):
    crowd.fill(pictures=20, items=10, pages=2, jobs=20, by=user_id)
    few = queries(editor, user_id)
    crowd.empty()
    crowd.fill(pictures=10_000, items=5_000, pages=200, jobs=12_000, by=user_id)
    assert "9,999 pictures" in editor.get("/admin/media").text
    assert queries(editor, user_id) == few
    for path, page in DEEP.items():
        assert count_queries(editor, path + page) == few[path]
