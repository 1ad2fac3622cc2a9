"""flask doctor: each part is checked, and what is wrong is said with what to do."""

from __future__ import annotations

import flask_migrate
import pytest
from rq import Worker

from config import Settings
from tests.conftest import both_databases
from webapp import create_app
from webapp.doctor import check, init_doctor
from webapp.extensions import redis_client
from webapp.jobs.catalog import QUEUES
from webapp.jobs.sweep import sweep


def wrong(app) -> dict[str, str]:
    """The parts that are not well, with the words."""
    with app.app_context():
        return {finding.part: finding.words for finding in check() if not finding.ok}


@pytest.fixture
def command(app):
    """`flask doctor`, whether or not the app has it registered yet."""
    init_doctor(app)
    return lambda: app.test_cli_runner().invoke(args=["doctor"])


@pytest.fixture
def at_work(in_app, own_redis):
    """A worker registered for each queue, and a sweep that ran."""
    workers = [Worker([queue], connection=own_redis) for queue in QUEUES]
    for worker in workers:
        worker.register_birth()
    sweep()
    yield
    for worker in workers:
        worker.register_death()


@both_databases
def test_nothing_is_wrong_when_all_is_there(command, at_work):
    result = command()
    assert result.exit_code == 0, result.output
    assert "WRONG" not in result.output
    parts = ("database", "migrations", "redis", "storage", "clock", "workers", "queues", "stuck", "overdue", "failed")
    for part in parts:
        assert part in result.output


def test_the_command_ends_with_1_and_says_what_to_do(command):
    result = command()
    assert result.exit_code == 1
    assert "No sweep has ever run. Start the clock process" in result.output
    for queue in QUEUES:
        assert f"python -m workers.worker {queue}" in result.output


def test_a_queue_that_nobody_works_on_is_named(app, in_app, own_redis):
    worker = Worker(["images"], connection=own_redis)
    worker.register_birth()
    assert "default" in wrong(app)["workers"]
    assert "images" not in wrong(app)["workers"]
    worker.register_death()


def test_a_worker_that_is_silent_for_long_does_not_count(app, at_work, own_redis):
    for worker in Worker.all(connection=own_redis):
        redis_client().hset(worker.key, "last_heartbeat", "2020-01-01T00:00:00.000000Z")
    assert "Nobody works" in wrong(app)["workers"]


@both_databases
def test_a_database_that_is_behind_is_told_apart_from_one_that_is_away(app, in_app, at_work):
    flask_migrate.downgrade(revision="base")
    found = wrong(app)
    assert "database" not in found
    for part in ("migrations", "clock", "jobs"):
        assert found[part].endswith("flask db upgrade")


def test_a_database_that_is_away_is_said_without_its_password(tmp_path, redis_url):
    url = "postgresql://somebody:secret@127.0.0.1:1/x"
    app = create_app(Settings(data_dir=tmp_path, database_url=url, redis_url=redis_url, log_level="CRITICAL"))
    found = wrong(app)
    assert {"database", "migrations", "clock"} <= set(found)
    assert "DATABASE_URL" in found["database"]
    assert "secret" not in str(found)


def test_redis_that_is_away_is_said(settings):
    found = wrong(create_app(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})))
    assert "REDIS_URL" in found["redis"]
    assert "Redis does not answer" in found["workers"]


@pytest.fixture
def full(own_redis):
    own_redis.config_set("maxmemory", 1)
    yield
    own_redis.config_set("maxmemory", 0)


def test_redis_that_is_full_is_told_in_its_own_words_and_people_go_on(app, at_work, full):
    assert wrong(app)["redis"].startswith("Redis refuses: OOM command not allowed")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert "\ngallerist_redis_up 0.0\n" in app.test_client().get("/metrics").text


def test_redis_that_lets_the_program_in_no_more_is_told_in_its_own_words(settings, redis_url):
    unknown = create_app(settings.model_copy(update={"redis_url": f"{redis_url}?username=gone&password=velvet-otter"}))
    found = wrong(unknown)["redis"]
    assert found.startswith("Redis refuses: WRONGPASS")
    assert "velvet-otter" not in found


def test_redis_that_may_throw_rings_away_is_said(app, at_work):
    redis_client().config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert "noeviction" in wrong(app)["redis"]
    finally:
        redis_client().config_set("maxmemory-policy", "noeviction")


def test_storage_that_takes_no_files_is_said(app, data_dir):
    (data_dir / "files").write_text("a file where the folder should be")
    assert "DATA_DIR" in wrong(app)["storage"]
