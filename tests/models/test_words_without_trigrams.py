"""A role that may not create extensions: everything works, parts of words slower, and the doctor says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from config import Settings
from tests.support.batches import add_picture
from tests.support.databases import PostgresTemplates, migrate
from webapp import create_app
from webapp.database import db
from webapp.doctor import search
from webapp.models.finding import find
from webapp.models.library import Wanted, count, library


@pytest.fixture
def plain_url(postgres_templates: PostgresTemplates) -> Iterator[str]:
    """An empty database in which this role may make tables, and nothing else."""
    postgres_templates._create("plain", "template1")
    url = postgres_templates.url("plain")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN; GRANT ALL ON SCHEMA public TO plain")
    yield psycopg_url(url, user="plain")
    postgres_templates._drop(url)
    with psycopg.connect(postgres_templates.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP ROLE plain")


def psycopg_url(url: str, *, user: str) -> str:
    before, _, after = url.partition("://")
    return f"{before}://{user}@{after.rpartition('@')[2]}"


@pytest.fixture
def plain_app(plain_url: str, tmp_path: Path, redis_url: str) -> Iterator[Flask]:
    settings = Settings(data_dir=tmp_path, database_url=plain_url, redis_url=redis_url, log_level="ERROR")
    migrate(settings)
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_words_and_their_parts_are_found_all_the_same(plain_app: Flask) -> None:
    assert db.session.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")) == 0
    picture = add_picture(None, 1, alt="The harbour").id
    assert [one.id for one in find("harb")] == [one.id for one in find("hrabour", forgiving=True)] == [picture]
    assert [media.id for media in db.session.scalars(library(Wanted(words="arbo")))] == [picture]
    assert count(Wanted(words="arbo")) == 1


def test_the_doctor_says_what_to_do_and_is_content_once_it_is_done(
    plain_app: Flask, postgres_templates: PostgresTemplates
) -> None:
    words = search()
    assert words is not None and words.startswith("Parts of words are found, but slowly.")
    db.session.rollback()
    with psycopg.connect(postgres_templates.url("plain"), autocommit=True) as connection:
        connection.execute(words.partition("run: ")[2])
    assert search() is None
