"""Pictures as they are understood: what people say of them, without what cameras call them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from tests.support.batches import add_picture
from webapp.database import transaction
from webapp.models.media import Media
from webapp.models.searchable import SEARCHABLE, documents
from webapp.models.searchable_media import words_of_file


@pytest.mark.parametrize(
    ("filename", "words"),
    [
        ("IMG_1234.jpg", ""),
        ("DSC00017.JPG", ""),
        ("PXL_20261124_101520.jpg", ""),
        ("a3f9c2e1-77b0.png", ""),
        ("harbour-at-night-2.jpg", "harbour night"),
        ("Summer Fair (12).final.jpeg", "Summer Fair final"),
        ("海边.jpg", "海边"),
        ("übung.heic", "übung"),
        ("harbour", "harbour"),
        ("", ""),
    ],
)
def test_of_a_file_name_the_words_that_somebody_gave_it_are_left(filename: str, words: str) -> None:
    assert words_of_file(filename) == words


def test_a_picture_is_understood_by_what_is_said_of_it_and_by_its_name_where_nothing_is(in_app: Flask) -> None:
    told = add_picture(None, 1, alt="Nets", caption="On the quay.", tags=["harbour", "work"]).id
    silent = add_picture(None, 2).id
    assert understood(told) == ("Nets", "On the quay.\nharbour\nwork\nNone")
    assert understood(silent) == ("None", "None")
    with transaction() as session:
        session.execute(update(Media).values(filename="IMG_2.jpg"))
    assert understood(told) == ("Nets", "On the quay.\nharbour\nwork")
    assert understood(silent) == ("", "")


def understood(media_id: int) -> tuple[str, str]:
    (found,) = documents(SEARCHABLE["media"], [media_id])
    return found.title, found.text
