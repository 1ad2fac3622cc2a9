"""Alembic and the driver of PostgreSQL, and who needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from config import ROOT


def test_a_program_that_neither_migrates_nor_asks_postgresql_starts_without_what_is_for_that() -> None:
    see = "import sys, workers.supervisor, webapp.cli; sys.exit(bool({'alembic', 'psycopg'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", see], cwd=ROOT, check=False).returncode == 0


def test_flask_db_is_there(tmp_path: Path) -> None:
    flask = [sys.executable, "-m", "flask", "db"]
    env = {"DATA_DIR": str(tmp_path), "FLASK_APP": "wsgi.py"}
    subprocess.run([*flask, "upgrade"], cwd=ROOT, env=env, check=True)
    shown = subprocess.run([*flask, "current"], cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout
    assert "(head)" in shown
