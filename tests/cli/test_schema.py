"""Alembic, and who needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from config import ROOT


def test_a_program_that_migrates_nothing_does_not_import_alembic() -> None:
    see = "import sys, workers.supervisor, webapp.cli; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", see], cwd=ROOT, check=False).returncode == 0


def test_flask_db_is_there(tmp_path: Path) -> None:
    flask = [sys.executable, "-m", "flask", "db"]
    env = {"DATA_DIR": str(tmp_path), "FLASK_APP": "wsgi.py"}
    subprocess.run([*flask, "upgrade"], cwd=ROOT, env=env, check=True)
    shown = subprocess.run([*flask, "current"], cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout
    assert "(head)" in shown
