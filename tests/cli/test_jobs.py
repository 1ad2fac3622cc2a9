"""flask jobs: what the jobs pages do, at a terminal."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.conftest import both_databases
from webapp import create_app
from webapp.database import transaction
from webapp.jobs import log, queue


@pytest.fixture
def job_id(in_app: Flask) -> int:
    return queue("syncMediaToGalleries", {"mediaId": 7}, subject="media:7").id


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_runs_what_is_due_and_says_how_much_is_left(cli: FlaskCliRunner, job_id: int) -> None:
    answer = cli.invoke(args=["jobs", "run", "--limit", "5"])
    assert f"{job_id}\tcancelled" in answer.output  # picture 7 does not exist
    assert "0 more are due." in answer.output


def test_runs_only_what_matches_in_the_order_asked_for(cli: FlaskCliRunner, in_app: Flask) -> None:
    first, second, third = (queue("syncMediaToGalleries", {"mediaId": number}).id for number in (1, 2, 3))
    images = queue("makeRenditions", {"mediaId": 4}).id

    def run(*args: str) -> list[str]:
        answer = cli.invoke(args=["jobs", "run", *args])
        assert answer.exit_code == 0, answer.output
        return [line.partition("\t")[0] for line in answer.output.splitlines() if "\t" in line]

    assert run("--where", "input.mediaId=2") == [str(second)]
    assert run("--order", "lifo", "--limit", "1") == [str(third)]
    assert run("--queue", "images") == [str(images)]
    assert run("--all-queues", "--side-by-side") == [str(first)]


def test_lists_and_shows_jobs_with_their_log(cli: FlaskCliRunner, job_id: int) -> None:
    assert f"{job_id}\tqueued\tsyncMediaToGalleries\tmedia:7" in cli.invoke(args=["jobs", "list"]).output
    cli.invoke(args=["jobs", "cancel", str(job_id)])
    shown = cli.invoke(args=["jobs", "show", str(job_id)]).output
    assert "status: cancelled" in shown
    assert "Stopped by somebody at the command line." in shown


def test_lists_what_matches(cli: FlaskCliRunner, job_id: int) -> None:
    other = queue("makeRenditions", {"mediaId": 8}, subject="media:8", meta={"kind": "a"}).id
    cli.invoke(args=["jobs", "cancel", str(other)])

    def listed(*args: str) -> list[int]:
        answer = cli.invoke(args=["jobs", "list", *args])
        assert answer.exit_code == 0, answer.output
        return [int(line.partition("\t")[0]) for line in answer.output.splitlines()]

    assert listed() == [other, job_id]
    assert listed("--limit", "1") == listed("--status", "cancelled") == listed("--queue", "images") == [other]
    assert listed("--task", "syncMediaToGalleries") == listed("--subject", "media:7") == [job_id]
    assert listed("--where", "meta.kind=a", "--where", "input.mediaId=8") == [other]
    assert listed("--where", "input.mediaId=7", "--where", "input.mediaId=8") == [other, job_id]
    assert listed("--status", "queued", "--where", "status=cancelled") == []


def test_shows_steps_and_prints_nothing_that_steers_the_terminal(cli: FlaskCliRunner, job_id: int) -> None:
    with transaction():
        about = {"task_slug": "makeRenditions", "step": "cover", "parent": "outer"}
        log.write(job_id, "succeeded", 1, "a\x1b[31mb\nc", output={"made": "ü\u009b"}, **about)
    shown = cli.invoke(args=["jobs", "show", str(job_id)]).output
    assert 'succeeded step outer/cover (makeRenditions) a [31mb c → {"made": "ü "}' in shown
    assert 'input: {"mediaId": 7}' in shown and "priority: 0" in shown


def test_cancels_and_tries_again_all_that_match(cli: FlaskCliRunner, job_id: int) -> None:
    where = ["--where", "taskSlug=syncMediaToGalleries", "--where", "input.mediaId=7"]
    told = cli.invoke(args=["jobs", "cancel", *where]).output
    assert f"Job {job_id}: Stopped by somebody at the command line.\n1 job." in told
    again = cli.invoke(args=["jobs", "cancel", *where])
    assert (again.exit_code, again.output) == (0, "0 jobs.\n")
    assert f"Job {job_id}: Tried again" in cli.invoke(args=["jobs", "retry", *where]).output


def test_pauses_and_resumes_a_queue_however_often(cli: FlaskCliRunner, job_id: int) -> None:
    said = [cli.invoke(args=["jobs", verb, "default"]) for verb in ("pause", "pause", "resume", "resume")]
    assert [answer.exit_code for answer in said] == [0, 0, 0, 0]
    assert [answer.output.strip() for answer in said] == [
        "Paused default.",
        "default was paused already.",
        "default goes on.",
        "default was not paused.",
    ]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["cancel"], 2, "Say which"),
        (["retry", "1", "--where", "id=1"], 2, "Say which"),
        (["cancel", "99999999999999999999"], 2, "not in the range"),
        (["show", "0"], 2, "not in the range"),
        (["pause", "bogus"], 2, "default"),
        (["run", "--order", "random"], 2, "fifo"),
        (["run", "--limit", "0"], 2, "not in the range"),
        (["list", "--status", "done"], 2, "queued"),
        (["list", "--where", "status"], 1, "NAME=VALUE"),
        (["cancel", "--where", "bogus=1"], 1, "no filter 'bogus'"),
        (["run", "--where", "priority=high"], 1, "not a whole number"),
        (["list", "--subject", "\udcff"], 1, "character"),
    ],
)
def test_what_can_not_be_done_is_said_without_a_stack(
    cli: FlaskCliRunner, in_app: Flask, args: list[str], code: int, words: str
) -> None:
    answer = cli.invoke(args=["jobs", *args])
    assert answer.exit_code == code, answer.output
    assert words in answer.output
    assert answer.exception is None or isinstance(answer.exception, SystemExit)


EVERY_COMMAND = [
    ["run"],
    ["list", "--where", "status=failed"],
    ["show", "1"],
    ["cancel", "1"],
    ["retry", "--where", "status=failed"],
    ["pause", "default"],
    ["resume", "default"],
    ["sweep"],
    ["doctor"],
]


@both_databases
def test_a_database_that_is_behind_is_said_in_words(app: Flask, cli: FlaskCliRunner) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
    for args in EVERY_COMMAND:
        answer = cli.invoke(args=["jobs", *args])
        assert (answer.exit_code, "flask db upgrade" in answer.output) == (1, True), answer.output


def test_a_database_that_is_away_is_said_in_words(tmp_path: Path, redis_url: str) -> None:
    url = "postgresql+psycopg://somebody:secret@127.0.0.1:1/x"
    app = create_app(Settings(data_dir=tmp_path, database_url=url, redis_url=redis_url, log_level="CRITICAL"))
    for args in EVERY_COMMAND:
        answer = app.test_cli_runner().invoke(args=["jobs", *args])
        assert (answer.exit_code, "DATABASE_URL" in answer.output) == (1, True), answer.output
        assert "secret" not in answer.output


def test_cancels_and_tries_again(cli: FlaskCliRunner, job_id: int) -> None:
    assert cli.invoke(args=["jobs", "cancel", str(job_id)]).exit_code == 0
    assert cli.invoke(args=["jobs", "cancel", str(job_id)]).exit_code == 1  # nothing is left to cancel
    assert cli.invoke(args=["jobs", "retry", str(job_id)]).exit_code == 0


def test_an_unknown_job_is_told(cli: FlaskCliRunner, in_app: Flask) -> None:
    for verb in ("show", "cancel", "retry"):
        answer = cli.invoke(args=["jobs", verb, "999"])
        assert (answer.exit_code, "no job 999" in answer.output) == (1, True)


def test_sweeps_now(cli: FlaskCliRunner, in_app: Flask) -> None:
    assert '"rescued": 0' in cli.invoke(args=["jobs", "sweep"]).output
