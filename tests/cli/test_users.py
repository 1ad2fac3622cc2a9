"""flask users: accounts and tokens at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.support.people import PASSWORD
from webapp import create_app
from webapp.database_trouble import BEHIND


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def create(cli: FlaskCliRunner, email: str = "ann@example.org", password: str = PASSWORD, role: str = "editor"):
    return cli.invoke(args=["users", "create", email, "--role", role, "--password-stdin"], input=f"{password}\n")


def test_makes_an_account_and_lists_it(cli: FlaskCliRunner) -> None:
    assert create(cli).exit_code == 0
    assert "ann@example.org\teditor\tactive" in cli.invoke(args=["users", "list"]).output


def test_an_account_that_is_there_already_is_refused_with_words(cli: FlaskCliRunner) -> None:
    create(cli)
    again = create(cli)
    assert again.exit_code == 1
    assert "already an account" in again.output


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("ann@example.org", "short", "12 characters"),
        ("ann@example.org", "passwordpassword", "easy to guess"),
        ("ann", PASSWORD, "isn't an e-mail address"),
    ],
)
def test_an_unfit_account_is_refused_with_words(cli: FlaskCliRunner, email: str, password: str, words: str) -> None:
    refused = create(cli, email, password)
    assert refused.exit_code == 1
    assert words in refused.output


def test_a_password_that_is_no_text_is_refused_with_words(cli: FlaskCliRunner) -> None:
    typed = b"\xff\xfe\xfdvelvet-otter\n"
    refused = cli.invoke(args=["users", "create", "ann@example.org", "--password-stdin"], input=typed)
    assert refused.exit_code == 1
    assert "isn't UTF-8 text" in refused.output


@pytest.mark.parametrize("command", [["list"], ["token", "ann@example.org"], ["disable", "ann@example.org"]])
def test_without_a_database_it_says_so(tmp_path: Path, redis_url: str, command: list[str]) -> None:
    app = create_app(Settings(data_dir=tmp_path, redis_url=redis_url, log_level="CRITICAL"))
    answer = app.test_cli_runner().invoke(args=["users", *command])
    assert (answer.exit_code, answer.output) == (1, f"Error: {BEHIND}\n")


def test_a_token_opens_the_api_until_the_account_is_disabled(app: Flask, cli: FlaskCliRunner) -> None:
    create(cli)
    token = cli.invoke(args=["users", "token", "ann@example.org"]).output.strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/media", headers=headers).status_code == 200
    assert cli.invoke(args=["users", "disable", "ann@example.org"]).exit_code == 0
    assert app.test_client().get("/api/media", headers=headers).status_code == 401


def test_a_link_lets_somebody_choose_a_new_password(app: Flask, cli: FlaskCliRunner) -> None:
    create(cli, role="admin")
    link = cli.invoke(args=["users", "link", "ann@example.org"]).output.strip()
    assert link.startswith("http://127.0.0.1:8000/admin/invite?key=")
    page = app.test_client().get(link)
    assert page.status_code == 200
    assert "ann@example.org" in page.text


def test_the_only_admin_is_not_disabled(cli: FlaskCliRunner) -> None:
    create(cli, role="admin")
    answer = cli.invoke(args=["users", "disable", "ann@example.org"])
    assert answer.exit_code == 1
    assert "is the only admin who can sign in." in answer.output
    assert "ann@example.org\tadmin\tactive" in cli.invoke(args=["users", "list"]).output


def test_an_unknown_account_is_told(cli: FlaskCliRunner) -> None:
    for command in ("token", "disable", "link"):
        answer = cli.invoke(args=["users", command, "nobody@example.org"])
        assert answer.exit_code == 1
        assert "nobody@example.org" in answer.output
