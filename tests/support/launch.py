"""How the processes of a Product start: forked from a server that has imported everything, which is quick."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import runpy
import signal
import sys
from dataclasses import replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRELOAD = [
    "webapp",
    "waitress",
    "workers.worker",
    "workers.clock",
    "workers.supervisor",
    "tests.support.breaking",
    "tests.support.tasks",
    "tests.support.warm",
]


def launch(command: list[str], env: dict[str, str], log: Path) -> ForkServerProcess:
    """Start "wsgi.py", "workers.worker QUEUE" and the like as a process with this environment and log."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    process = context.Process(target=become, args=(command, env, str(log)))
    process.start()
    return process


def become(command: list[str], env: dict[str, str], log: str) -> None:
    os.setsid()  # a group of its own, as under any process manager
    os.environ.update(env)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR2, all_threads=True)  # tells where a process hangs
    os.chdir(ROOT)
    sys.argv = command
    main_of(command[0])


def main_of(name: str) -> None:
    from tests.support import breaking, ledger, noop, passwords, pauses, tasks  # noqa: F401  # declare work that only tests know
    from workers import clock, supervisor, worker

    if tasks.WANTED in os.environ:
        tasks.install()
    if passwords.WANTED in os.environ:
        passwords.hash_as_in_production()
    forget_schedules()
    if pauses.FOLDER in os.environ:
        pauses.install()
        breaking.install()
    if name == "wsgi.py":
        runpy.run_path(str(ROOT / "wsgi.py"), run_name="__main__")
    elif name == "workers.clock":
        clock.main()
    elif name == "workers.supervisor":
        sys.exit(supervisor.main())
    else:
        worker.main()


def forget_schedules() -> None:
    """A test that runs while the hour strikes sees no other jobs than at any other time."""
    from webapp.jobs.catalog import CATALOG

    CATALOG.update({slug: replace(work, schedules=()) for slug, work in CATALOG.items()})
