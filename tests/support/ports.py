"""Free ports on this machine."""

from __future__ import annotations

import random
import socket

# Below the range that systems hand out for outgoing connections, so that none of those takes a port between our
# finding it and the server's binding it; and low enough for servers that also take port + 10000.
LOWEST, HIGHEST = 11000, 21000


def free_port() -> int:
    """A port that nobody listens on now, nor on the one 10000 above it."""
    while True:
        port = random.randint(LOWEST, HIGHEST)  # two test processes should rarely meet
        if _is_free(port) and _is_free(port + 10000):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
