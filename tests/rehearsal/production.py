"""All that docs/deploy.md has one run, on one machine: two of what there may be two of, behind a router."""

from __future__ import annotations

import signal
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.context import ForkServerProcess
from typing import Any

from tests.support import s3
from tests.support.gate import Gate
from tests.support.launch import launch
from tests.support.ports import free_port
from tests.support.product import COMMANDS, Product, send
from tests.support.router import Router
from tests.support.tls import TlsProxy
from webapp.extensions import connect_redis

# What the Procfile names, and how many of each.
DYNOS = {
    "web-1": "web",
    "web-2": "web",
    "worker-1": "default",
    "worker-2": "default",
    "images-1": "images",
    "clock-1": "clock",
    "clock-2": "clock",
}
WORKERS = [name for name, command in DYNOS.items() if command in ("default", "images")]
GONE_WITHIN = 25  # seconds of a platform's patience, and some for ours
SECRETS = {"secret_key": "Zx8!rehearsal-of-production-4Qm", "cron_secret": "Yw7!rehearsal-cron-5Rn"}


class Production(Product):
    """PostgreSQL, Valkey over TLS, a bucket, and every process behind one address; `s3` and `tls` can be shut."""

    def __init__(self, database_url: str, server: s3.S3Server, **settings: Any) -> None:
        self.server = server
        self.s3 = Gate(("127.0.0.1", int(server.url.rpartition(":")[2]))).start()
        self.router = Router().start()
        address = f"http://127.0.0.1:{self.router.port}"
        bucket = {"s3_bucket": s3.BUCKET, "s3_endpoint_url": f"http://127.0.0.1:{self.s3.port}"}
        limits = {"sweep_interval": 1, "job_lease": 5, "shutdown_grace": 2, "web_threads": 8, "trusted_proxies": 1}
        chosen = {"app_env": "production", "server_url": address, **SECRETS, **bucket, **limits} | settings
        super().__init__(database_url, breakable=False, **chosen)
        self.env |= {"AWS_ACCESS_KEY_ID": s3.KEY, "AWS_SECRET_ACCESS_KEY": s3.SECRET}
        self.tls = TlsProxy(self.folder / "valkey.sock").start()
        self.settings.redis_url = self.env["REDIS_URL"] = self.tls.url
        self.env["REDIS_TLS_VERIFY"] = "0"
        self.redis = connect_redis(f"unix://{self.folder / 'valkey.sock'}", timeout=5)
        self.port = self.router.port  # where clients ask
        self.ports: dict[str, int] = {}  # of the web processes
        self.seers = ThreadPoolExecutor(8)
        self.partings: list[Future[float]] = []

    def start_all(self) -> None:
        self.valkey.start()
        for name in DYNOS:
            self.start_dyno(name)
        self.wait_until(self.is_up, 60)

    def start_dyno(self, name: str) -> None:
        """A web process gets a port that none had before, as on a machine of its own."""
        env = dict(self.env)
        if DYNOS[name] == "web":
            self.ports[name] = free_port()
            env["PORT"] = str(self.ports[name])
        command = COMMANDS[DYNOS[name]]
        self.processes[name] = launch(command, env, self.folder / f"{name}.log")
        self.all_processes.append(self.processes[name])
        self.router.ports = tuple(self.ports.values())

    def is_up(self) -> bool:
        """Every web process listens, and RQ knows every worker."""
        known = {int(worker[b"pid"]) for worker in self.workers() if b"pid" in worker}
        return all(map(listens, self.ports.values())) and {self.processes[name].pid for name in WORKERS} <= known

    def deploy(self) -> None:
        """SIGTERM to all processes of the old version, and the new ones start at once."""
        leaving = {name: self.processes[name] for name in DYNOS}
        told = [process for name in DYNOS for process in self.family(name)]
        started = time.monotonic()
        send(signal.SIGTERM, told)
        for name in DYNOS:
            self.start_dyno(name)
        self.partings += [self.seers.submit(see_off, name, process, started) for name, process in leaving.items()]

    def crash(self, name: str) -> None:
        """kill -9 of all its processes; the platform starts another at once."""
        self.kill(name)
        self.start_dyno(name)

    def stop(self) -> None:
        super().stop()
        self.seers.shutdown()
        for part in (self.router, self.tls, self.s3):
            part.stop()


def see_off(name: str, process: ForkServerProcess, started: float) -> float:
    """How long it took until it was gone, in seconds; one that was just starting may end by the signal itself."""
    process.join(GONE_WITHIN)
    assert process.exitcode in (0, -signal.SIGTERM), f"{name} ended with {process.exitcode} after SIGTERM"
    return time.monotonic() - started


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
