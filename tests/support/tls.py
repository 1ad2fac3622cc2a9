"""A TLS server in front of a Valkey that knows none, with a certificate that it signed itself: as on Heroku."""

from __future__ import annotations

import ssl
from pathlib import Path

from tests.support.gate import Gate

CERTIFICATE = Path(__file__).parents[1] / "outgoing" / "certificates" / "hooks.test.pem"  # of 127.0.0.1 too


class TlsProxy(Gate):
    """Hands on to a Unix socket whatever comes to `url`, encrypted."""

    def __init__(self, target: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        super().__init__(str(target), context)

    @property
    def url(self) -> str:
        return f"rediss://127.0.0.1:{self.port}"
