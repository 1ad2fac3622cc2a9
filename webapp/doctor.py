"""Is everything there that it runs on? Each part checked for real, and what to do in words."""

from __future__ import annotations

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select, text

from webapp.database import db, is_postgresql
from webapp.database_trouble import BEHIND, CLOSED, NEWER
from webapp.findings import Finding, check_part, tell
from webapp.jobs import doctor as jobs
from webapp.models.meaning import embedder
from webapp.schema import is_newer, is_newest
from webapp.search.rows import ACTIVE, Generation
from webapp.search.stores import StoreError, store_for_new
from webapp.search.stores.choice import elsewhere, why
from webapp.storage import StorageError, direct_storage, storage
from webapp.storage.sources import origin_of

TRIGRAMS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm;"
    " CREATE INDEX ix_search_texts_parts ON search_texts USING gin (parts gin_trgm_ops);"
)

TAKES_CHANGES = text(
    "SELECT current_setting('transaction_read_only') = 'off'"
    " AND coalesce(has_table_privilege(to_regclass('jobs'), 'INSERT'), true)"  # there is none before `flask db upgrade`
)

log = structlog.get_logger(__name__)


def init_doctor(app: Flask) -> None:
    app.cli.add_command(doctor)


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check database, migrations, Redis, storage, clock, workers and jobs."""
    tell(check())


def check() -> list[Finding]:
    return [
        check_part("database", database),
        check_part("migrations", migrations, well=which_version),
        check_part("search", search),
        check_part("meaning", meaning, well=where_vectors_are),
        check_part("redis", jobs.redis),
        check_part("storage", files),
        *([check_part("uploads", direct_uploads)] if direct_storage() else []),
        check_part("clock", jobs.clock),
        *jobs.check_jobs(),
    ]


def database() -> str | None:
    """Nothing is written to find out: that would wait for whoever writes, or for a migration."""
    takes_changes = db.session.scalar(TAKES_CHANGES if is_postgresql() else text("SELECT 1"))
    return None if takes_changes else CLOSED


def migrations() -> str | None:
    return None if is_newest() or is_newer() else BEHIND


def which_version() -> str:
    return NEWER if is_newer() else "Works."


def search() -> str | None:
    """On PostgreSQL the library's search box needs an index of trigrams, for which an extension must be allowed."""
    if not is_postgresql() or db.session.scalar(text("SELECT to_regclass('ix_search_texts_parts')")):
        return None
    return f"Parts of words are found, but slowly. Have an owner of the database run: {TRIGRAMS}"


def meaning() -> str | None:
    """The vectors that are searched are where a new index would have them, and they can be kept there."""
    made_by = embedder()
    if made_by is None:
        return None
    try:
        store_for_new(made_by.dims).check(made_by.dims)
    except StoreError as error:
        return str(error)
    found = db.session.scalar(select(Generation).where(Generation.state == ACTIVE))
    return elsewhere(found) if found else None


def where_vectors_are() -> str:
    made_by = embedder()
    return why(made_by.dims) if made_by else "Search by meaning is off (EMBEDDER)."


def files() -> str | None:
    try:
        storage().check()
    except (StorageError, OSError) as error:
        log.warning("doctor.storage_failed", error=str(error))
        return "Files can't be stored. Look at the free space of DATA_DIR, or at S3_BUCKET and its keys."
    return None


def direct_uploads() -> str | None:
    """Without it the upload forms still work, slower; without SERVER_URL nobody knows from where browsers send."""
    bucket, site = direct_storage(), current_app.config["SETTINGS"].server_url
    if bucket is None or not site:
        return None
    try:
        if bucket.lets_browsers_send_from(origin_of(site)):
            return None
    except StorageError:
        return "The bucket does not answer. Look at S3_BUCKET and S3_ENDPOINT_URL."
    return (
        f"The bucket takes no files from browsers on {origin_of(site)}, so each passes the web process. Give it the"
        " CORS rule of docs/deploy.md (“Files in a bucket”), or set DIRECT_UPLOADS=0."
    )
