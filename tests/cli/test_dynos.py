"""What a platform reads: the Procfile, app.json, the version of Python, and the units in docs/deploy.md."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT, Settings
from webapp.jobs.catalog import QUEUES

DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
MANIFEST = json.loads((ROOT / "app.json").read_text())


def test_each_process_is_there_and_each_queue_has_one():
    assert list(PROCFILE) == ["release", "web", "worker", "images", "clock"]
    worked_off = {command.split()[-1] for command in PROCFILE.values() if "workers.worker" in command}
    assert worked_off == set(QUEUES)


@pytest.mark.parametrize("name", PROCFILE)
def test_each_command_is_one_of_this_program(name):
    words = [word for word in shlex.split(PROCFILE[name]) if "=" not in word]
    known = {"flask": ROOT / "webapp" / "migrations", "wsgi.py": ROOT / "wsgi.py"}
    module = words[2].replace(".", "/") + ".py" if words[1] == "-m" else ""
    assert (ROOT / module).is_file() if module else known[words[0] if words[0] == "flask" else words[1]].exists()


def test_a_platform_starts_each_of_them_and_is_told_of_settings_that_there_are():
    assert set(MANIFEST["formation"]) == PROCFILE.keys() - {"release"}
    of_aws = {name for name in MANIFEST["env"] if name.startswith("AWS_")}
    assert MANIFEST["env"].keys() - of_aws <= {name.upper() for name in Settings.model_fields}


def test_the_python_of_the_platform_is_one_that_we_support():
    assert (ROOT / ".python-version").read_text().strip() == "3.11"
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()


def test_from_nothing_takes_ten_commands():
    section = DEPLOY.split("## A Heroku-style platform\n")[1].split("\n## ")[0]
    assert len(re.findall(r"^    (?:heroku|git) ", section, re.MULTILINE)) == 10


def test_each_setting_in_the_document_is_one():
    known = {name.upper() for name in Settings.model_fields} | {"DATA_DIR", "BACKUP"}
    lines = re.findall(r"^    ([A-Z][A-Z0-9_]+)=", DEPLOY, re.MULTILINE)
    named = re.findall(r"`([A-Z][A-Z0-9_]{4,})(?:=[^`]*)?`", DEPLOY)
    assert {name for name in lines + named if not name.startswith("AWS_")} - {"CONCURRENTLY"} <= known


def units() -> dict[str, str]:
    between = DEPLOY.split("<!-- units -->")[1].split("<!-- /units -->")[0]
    found = re.findall(r"^`/etc/systemd/system/(\S+?)`.*?```ini\n(.+?)```", between, re.DOTALL | re.MULTILINE)
    return dict(found)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_the_units(tmp_path: Path):
    """With the paths of this checkout, because it looks whether there is such a program."""
    assert list(units()) == [
        "gallerist-web.service",
        "gallerist-worker@.service",
        "gallerist-clock.service",
        "gallerist.target",
    ]
    for name, text in units().items():
        text = text.replace("/srv/gallerist/app/.venv/bin/python", sys.executable).replace(
            "User=gallerist", "User=root"
        )
        (tmp_path / name).write_text(text)
    names = [str(tmp_path / name.replace("@", "@default")) for name in units() if name != "gallerist-worker@.service"]
    checked = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True, check=False)
    complaints = [line for line in checked.stderr.splitlines() if "gallerist" in line and "man page" not in line]
    assert complaints == []
