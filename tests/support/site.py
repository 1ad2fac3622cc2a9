"""What `make run` starts, as a test sees it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import psutil
from flask import Flask

from config import ROOT, Settings
from tests.support.databases import SqliteTemplates
from tests.support.launch import launch
from tests.support.ports import free_port
from webapp import create_app
from webapp.database import db, transaction

ENDS_WITHIN = 40  # seconds


class Site:
    """`python -m workers.supervisor` with a DATA_DIR and PORT of its own."""

    def __init__(self, **env: str) -> None:
        self.data_dir = Path(tempfile.mkdtemp(prefix="gs-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "DEMO": "0", "SWEEP_INTERVAL": "1"}
        # Tests share the machine with other tests.
        shared = {"WORKER_NICENESS": "0", "AVIF_RENDITIONS": "0", "EMBEDDER": "off"}
        self.env = os.environ | settings | shared | env

    def start(self) -> Self:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workers.supervisor"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self.process, self.lines), daemon=True).start()
        return self

    @staticmethod
    def _read(process: subprocess.Popen[str], lines: list[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def wait_for_line(self, words: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.output:
            assert time.monotonic() < deadline and self.is_running, f"No {words!r} in:\n{self.output}"
            time.sleep(0.05)

    def wait_until_up(self) -> Self:
        self.wait_for_line("Gallerist runs at")
        return self

    def status(self, path: str) -> int:
        """The HTTP status of a GET; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    @cached_property
    def app(self) -> Flask:
        """Its secret is there once the site was started."""
        return create_app(Settings(data_dir=self.data_dir))

    @contextmanager
    def rows(self) -> Iterator[Any]:
        """The session of an app on this site's database, as another process sees it; what is written is kept."""
        with self.app.app_context():
            try:
                with transaction() as session:
                    yield session
            finally:
                db.engine.dispose()

    def child(self, part_of_title: str) -> psutil.Process | None:
        for process in psutil.Process(self.pid).children():
            with suppress(psutil.NoSuchProcess):  # a zombie is none either
                if part_of_title in " ".join(process.cmdline()):
                    return process
        return None

    def stop(self, signum: signal.Signals = signal.SIGTERM) -> int:
        os.kill(self.pid, signum)
        return self.exit_code()

    def exit_code(self) -> int:
        """Once it has ended."""
        return self.process.wait(ENDS_WITHIN)

    def remove(self) -> None:
        if self.is_running:
            self.stop()
        shutil.rmtree(self.data_dir, ignore_errors=True)


class ForkedSite(Site):
    """The same, a few seconds of a processor sooner: with all imported and migrated before it starts.

    Its tests wait for nothing that only the sweep does, and a sweep each second would be most of what it does idle.
    """

    def __init__(self, templates: SqliteTemplates, **env: str) -> None:
        super().__init__(**({"SWEEP_INTERVAL": "5"} | env))
        self.log = self.data_dir / "log"
        self.env.setdefault("DATABASE_URL", templates.copy(self.data_dir))  # whatever the server it is forked from got

    def start(self) -> Self:
        self.log.unlink(missing_ok=True)
        self.forked = launch(["workers.supervisor"], self.env, self.log)
        return self

    @property
    def output(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    @property
    def pid(self) -> int:
        return int(self.forked.pid)

    @property
    def is_running(self) -> bool:
        return self.forked.is_alive()

    def exit_code(self) -> int:
        self.forked.join(ENDS_WITHIN)
        return int(self.forked.exitcode)
