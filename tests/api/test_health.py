"""/healthz, /readyz and /metrics: what a monitor gets to know."""

from __future__ import annotations

import shutil

import flask_migrate
import pytest
from prometheus_client.parser import text_string_to_metric_families

from config import Settings
from tests.api.conftest import is_error
from tests.conftest import both_databases
from tests.support.migrating import migrated_by_a_later_program
from webapp import create_app
from webapp.jobs import pause, resume
from webapp.jobs.sweep import sweep

NOWHERE = "redis://127.0.0.1:1"


def test_it_is_alive_without_any_part(tmp_path):
    away = Settings(data_dir=tmp_path, database_url="postgresql://127.0.0.1:1/x", redis_url=NOWHERE, log_level="ERROR")
    assert create_app(away).test_client().get("/healthz").json == {"status": "alive"}


def test_it_is_ready_after_a_sweep(app, anonymous):
    with app.app_context():
        sweep()
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert {part: state["ok"] for part, state in answer.json["parts"].items()} == dict.fromkeys(
        ("database", "migrations", "redis", "storage", "clock"), True
    )


def test_without_redis_and_clock_it_is_degraded_but_takes_uploads(settings):
    app = create_app(settings.model_copy(update={"redis_url": NOWHERE}))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    wrong = {part: state["words"] for part, state in answer.json["parts"].items() if not state["ok"]}
    assert set(wrong) == {"redis", "clock"}
    assert all(wrong.values())


def test_without_a_database_it_is_unavailable_and_says_no_address(tmp_path, redis_url):
    url = "postgresql://somebody:secret@127.0.0.1:1/x"
    app = create_app(Settings(data_dir=tmp_path, database_url=url, redis_url=redis_url, log_level="CRITICAL"))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert not answer.json["parts"]["database"]["ok"]
    assert "secret" not in answer.text and "127.0.0.1" not in answer.text


def test_without_storage_it_is_unavailable(app, anonymous, data_dir):
    (data_dir / "files").write_text("a file where the folder should be")
    answer = anonymous.get("/readyz")
    assert answer.status_code == 503
    assert not answer.json["parts"]["storage"]["ok"]


@both_databases
def test_on_a_database_that_is_behind_it_is_unavailable_and_pages_say_try_again(app, anonymous, editor_api):
    with app.app_context():
        flask_migrate.downgrade(revision="0015")
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert "flask db upgrade" in answer.json["parts"]["migrations"]["words"]
    for path in ("/", "/api/media"):
        answer = editor_api.get(path)
        assert (answer.status_code, "try again" in answer.text, "Retry-After" in answer.headers) == (503, True, True)


@both_databases
def test_on_a_database_that_a_release_has_made_newer_it_stays_ready(in_app, anonymous):
    sweep()
    with migrated_by_a_later_program():
        answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["parts"]["migrations"]["ok"]


@pytest.fixture
def metrics(anonymous):
    def read() -> dict[tuple[str, ...], float]:
        answer = anonymous.get("/metrics")
        assert answer.status_code == 200 and answer.mimetype == "text/plain"
        families = text_string_to_metric_families(answer.text)
        return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}

    return read


@both_databases
def test_the_metrics_count_jobs_waits_sweeps_and_workers(app, metrics, upload, run_jobs):
    before = metrics()
    for queue in ("default", "images"):
        assert before["gallerist_jobs", queue, "queued"] == before["gallerist_jobs", queue, "failed"] == 0
        assert before["gallerist_jobs_oldest_wait_seconds", queue] == before["gallerist_queue_paused", queue] == 0
    assert ("gallerist_last_sweep_age_seconds",) not in before
    assert (before[("gallerist_redis_up",)], before["gallerist_workers", "default"]) == (1, 0)
    upload()
    with app.app_context():
        sweep()
        pause("images")
    after = metrics()
    for queue in ("default", "images"):
        assert after["gallerist_jobs", queue, "queued"] == 1
        assert after["gallerist_jobs_oldest_wait_seconds", queue] > 0
    assert (after["gallerist_queue_paused", "default"], after["gallerist_queue_paused", "images"]) == (0, 1)
    assert 0 <= after[("gallerist_last_sweep_age_seconds",)] < 60
    with app.app_context():
        resume("images")
    run_jobs()
    assert metrics()["gallerist_jobs", "images", "succeeded"] == 2  # AVIF comes by itself after the others


@both_databases
def test_the_metrics_say_how_long_syncs_took(metrics, upload, run_jobs):
    assert metrics()[("gallerist_syncs_last_hour",)] == 0
    assert ("gallerist_sync_average_seconds",) not in metrics()
    upload()
    run_jobs()
    after = metrics()
    assert after[("gallerist_syncs_last_hour",)] == 1
    assert 0 < after[("gallerist_sync_average_seconds",)] == after[("gallerist_sync_longest_seconds",)] < 60


def test_the_metrics_count_requests_by_method_and_status(metrics, anonymous):
    def counted(method: str, status: str) -> float:
        return metrics().get(("gallerist_request_seconds_count", method, status), 0)

    before = counted("GET", "404"), counted("other", "405")
    anonymous.get("/api/nothing-here")
    anonymous.open("/healthz", method="PROPFIND")
    assert (counted("GET", "404"), counted("other", "405")) == (before[0] + 1, before[1] + 1)


@both_databases
def test_the_metrics_count_what_a_broken_storage_kept_from_being_done(metrics, upload, run_jobs, data_dir):
    before = metrics()
    assert upload(1).status_code == 201
    (data_dir / "files" / "renditions").write_text("a file where the folder should be")
    run_jobs()
    shutil.rmtree(data_dir / "files" / "originals")
    (data_dir / "files" / "originals").write_text("a file where the folder should be")
    assert upload(2).status_code == 503
    after = metrics()
    assert (before[("gallerist_jobs_storage_errors",)], after[("gallerist_jobs_storage_errors",)]) == (0, 1)
    assert after[("gallerist_storage_errors_total",)] == before[("gallerist_storage_errors_total",)] + 1


def test_the_metrics_hold_no_content(anonymous, upload):
    upload(alt="A private party", tags="secret")
    assert "picture" not in anonymous.get("/metrics").text


def test_other_methods_are_refused_in_json(anonymous):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert is_error(anonymous.post(path), 405)
