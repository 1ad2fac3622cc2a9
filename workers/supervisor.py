"""The whole product on one machine, for `make run`: Valkey, migrations, web, workers, clock, demo content.

A process that dies is started again; SIGTERM or Ctrl-C ends all of them, Valkey last.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.context import ForkProcess as Process
from pathlib import Path
from types import FrameType
from typing import IO

from setproctitle import setproctitle

import config
from config import Settings, SettingsError
from webapp import create_app
from webapp.demo.account import EMAIL, make_account
from webapp.models.user import there_are_users
from webapp.schema import migrate
from workers import clock, worker

LOOK_EVERY = 0.05  # seconds
START_WITHIN = 60.0  # seconds
STOP_WITHIN = 25.0  # seconds; platforms kill after 30
LONGEST_PAUSE = 10.0  # seconds between two starts of a process that keeps dying
HEALTHY_AFTER = 30.0  # seconds after which a process counts as well again
SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)


class CannotStart(Exception):
    """Says in words what stands in the way, and what to do."""


def main() -> int:
    try:
        settings = config.load()
        with claim_data_dir(settings.data_dir) as lock:
            os.register_at_fork(after_in_child=lock.close)  # a child that outlives us must not keep it
            refuse_taken_port(settings)
            return Supervisor(settings).run()
    except (CannotStart, SettingsError) as error:
        say(str(error))
        return 1


def claim_data_dir(folder: Path) -> IO[str]:
    """The lock that keeps two copies out of one DATA_DIR; free again as soon as the file is closed."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "run.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotStart(f"Another copy runs with {folder}. Stop it, or set another DATA_DIR and PORT.") from None
    return lock


def refuse_taken_port(settings: Settings) -> None:
    with socket.socket(family_of(settings.host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            words = f"Can't listen at {settings.host}:{settings.port} ({error.strerror})."
            raise CannotStart(f"{words} Use another port: PORT={settings.port + 1} make run") from None


def family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Child:
    """One process of the product, which is started again when it dies."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pause = 0.5
        self.start()

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.start_again_at: float | None = None
        self.process = start_process(self.name)

    def look_after(self) -> None:
        if self.start_again_at is not None:
            if time.monotonic() >= self.start_again_at:
                self.start()
        elif (code := self.process.exitcode) is not None:
            lived = time.monotonic() - self.started_at
            self.pause = 0.5 if lived > HEALTHY_AFTER else min(LONGEST_PAUSE, self.pause * 2)
            self.start_again_at = time.monotonic() + self.pause
            say(f"{self.name} ended with {code}; starting it again in {self.pause:g} s")


class Supervisor:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.children: list[Child] = []
        self.demo: Process | None = None
        self.stopping = False

    def run(self) -> int:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self.request_stop)
        try:
            self.start()
            while not self.stopping:
                time.sleep(LOOK_EVERY)
                for child in self.children:
                    child.look_after()
        finally:
            self.stop()
        return 0

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def start(self) -> None:
        embedded_valkey = uses_embedded_valkey(self.settings)
        if embedded_valkey:
            self.children.append(Child("valkey"))  # first: it starts while the database is looked at
        how_to_sign_in = prepare_database(self.settings)
        self.children.append(Child("web"))
        if embedded_valkey:
            self.wait_for(socket.AF_UNIX, str(config.valkey_socket(self.settings.data_dir)))
        self.children += [Child(name) for name in ("worker", "images", "clock")]
        self.wait_for(family_of(self.settings.host), (self.settings.host, self.settings.port))
        if self.stopping:
            return
        say(f"\nGallerist runs at http://{self.settings.host}:{self.settings.port}/admin/\n{how_to_sign_in}\n")
        if self.settings.demo:
            self.demo = start_process("demo")  # draws its pictures while the site is already there

    def wait_for(self, family: socket.AddressFamily, address: str | tuple[str, int]) -> None:
        """Until somebody listens there; not for ever, as the lines above then say why nobody does."""
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline and not self.stopping:
            with socket.socket(family) as probe:
                if probe.connect_ex(address) == 0:
                    return
            time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        """Valkey last: the workers give their jobs back with its help."""
        say("Stopping")
        deadline = time.monotonic() + STOP_WITHIN
        first = [child.process for child in self.children if child.name != "valkey"]
        stop_all(first + ([self.demo] if self.demo else []), deadline)
        stop_all([child.process for child in self.children], deadline)


def stop_all(processes: list[Process], deadline: float) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(max(0.1, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()


def prepare_database(settings: Settings) -> str:
    """Migrate it, and make the demo account in a new one; how to sign in, in words."""
    app = create_app(settings)
    with app.app_context():
        migrate()
        password = make_account() if settings.demo else None
        there_is_somebody = there_are_users()
        app.extensions["sqlalchemy"].engine.dispose()
    kept = settings.data_dir / "demo-sign-in.txt"
    if password:
        kept.touch(mode=0o600)
        kept.write_text(f"Sign in as {EMAIL} with the password {password}")
    if kept.exists():
        return kept.read_text()
    return "Sign in with your account." if there_is_somebody else "Open it and make the first account."


def uses_embedded_valkey(settings: Settings) -> bool:
    return settings.redis_url == f"unix://{config.valkey_socket(settings.data_dir)}"


def start_process(name: str) -> Process:
    """Fork it: everything is imported already, so it is there in a moment and shares the memory."""
    gc.freeze()  # or each child copies that memory as soon as it looks for garbage
    process = get_context("fork").Process(target=become, args=(name, os.getpid()), name=name)
    process.start()
    return process


def become(name: str, supervisor: int) -> None:
    """The life of a child: what its line in the Procfile does."""
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, signal.SIG_DFL)
    os.setsid()  # Ctrl-C is for the supervisor, which then stops them in order
    die_with(supervisor)
    setproctitle(f"gallerist: {name}")
    sys.argv = [name, *ARGUMENTS.get(name, [])]
    sys.exit(PROCESSES[name]())


def die_with(supervisor: int) -> None:
    """Ask Linux for a SIGTERM when the supervisor is killed, so that nothing of it is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != supervisor:  # it was killed before we asked
        sys.exit(1)


def serve_valkey() -> int:
    from workers import valkey  # whose client nothing else here needs

    return valkey.main()


def serve_web() -> None:
    import wsgi  # makes the app when it is imported

    wsgi.serve(wsgi.app)


def fill_demo() -> None:
    from webapp.demo.content import fill  # draws with numpy, which nothing else here needs

    with create_app().app_context():
        fill()


def say(words: str) -> None:
    with suppress(OSError):  # a terminal that is gone must not keep us from stopping
        sys.stdout.write(f"{words}\n")
        sys.stdout.flush()


PROCESSES: dict[str, Callable[[], int | None]] = {
    "valkey": serve_valkey,
    "web": serve_web,
    "worker": worker.main,
    "images": worker.main,
    "clock": clock.main,
    "demo": fill_demo,
}
ARGUMENTS = {"worker": ["default"], "images": ["images"]}

if __name__ == "__main__":
    sys.exit(main())
