"""Settings are read from the environment, and refused with words when they can't be used."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

import config
from config import SettingsError

STRONG = "sPqy3gJ8kE-1xN0vVbT5uW7z"


@pytest.fixture(autouse=True)
def _own_data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


@pytest.mark.parametrize(
    "secret", ["", "secret", "short", "a" * 40, "ab" * 20, "changeme" * 5, "secret-password-changeme"]
)
def test_production_refuses_a_missing_or_weak_secret_key(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", secret)
    with pytest.raises(SettingsError, match="SECRET_KEY is missing or weak"):
        config.load()


@pytest.mark.parametrize("secret", ["hello", "1234" * 10])
def test_production_refuses_a_weak_cron_secret(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("DYNO", "web.1")  # as on the platform
    monkeypatch.setenv("SECRET_KEY", STRONG)
    monkeypatch.setenv("CRON_SECRET", secret)
    with pytest.raises(SettingsError, match="CRON_SECRET is weak"):
        config.load()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SWEEP_INTERVAL", "0", "must be more than 0 seconds"),
        ("DATABASE_URL", "nonsense", "must be an address such as postgres://user:password@host/name"),
        ("REDIS_URL", "localhost:6379", "must be an address such as redis://host:6379"),
        ("S3_ENDPOINT_URL", "nonsense", "must be an address such as https://storage.example"),
        ("PORT", "99999999", "less than or equal to 65535"),
        ("MAX_PIXELS", "-1", "greater than or equal to 1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name}: .*{words}"):
        config.load()


def test_a_data_dir_that_is_no_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("file", "file/in"):
        monkeypatch.setenv("DATA_DIR", str(tmp_path / folder))
        with pytest.raises(SettingsError, match="DATA_DIR can't be used"):
            config.load()


@pytest.mark.parametrize("program", [["-m", "flask", "users", "list"], ["wsgi.py"], ["-m", "workers.clock"]])
def test_whoever_starts_it_reads_words_alone(monkeypatch: pytest.MonkeyPatch, program: list[str]) -> None:
    monkeypatch.setenv("SWEEP_INTERVAL", "abc")
    ended = subprocess.run([sys.executable, *program], cwd=config.ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("SWEEP_INTERVAL: ")
    assert len(ended.stderr.splitlines()) == 1


def test_development_makes_a_key_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    first = config.load().secret_key
    assert first == config.load().secret_key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_postgres_addresses_of_platforms_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:secret@db.example/pictures")
    assert config.load().database_url == "postgresql+psycopg://me:secret@db.example/pictures"


def test_a_data_dir_with_a_long_path_still_gets_a_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    monkeypatch.setenv("DATA_DIR", str(deep))
    assert len(config.load().redis_url) < 110
