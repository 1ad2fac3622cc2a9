"""A TLS server in front of a Valkey that knows none, with a certificate that it signed itself: as on Heroku."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

from tests.support.ports import free_port

CERTIFICATE = Path(__file__).parents[1] / "outgoing" / "certificates" / "hooks.test.pem"  # of 127.0.0.1 too
PORTION = 65536  # bytes


class TlsProxy:
    """Hands on to a Unix socket whatever comes to `url`, encrypted."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.port = free_port()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(CERTIFICATE)
        self.open: set[socket.socket] = set()
        self.silent = False  # takes connections and says nothing, as a machine that hangs
        self.taken = 0  # connections so far
        self.listener: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"rediss://127.0.0.1:{self.port}"

    def start(self) -> TlsProxy:
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=100, reuse_port=False)
        threading.Thread(target=self._listen, args=(self.listener,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Nobody answers any more."""
        if self.listener:
            with suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
        self.drop()

    def drop(self) -> None:
        """Every connection that is open, all at once; new ones are taken."""
        for one in list(self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _listen(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it was stopped
            while True:
                client = listener.accept()[0]
                self.taken += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self.open.add(client)
        try:
            if self.silent:
                client.recv(PORTION)
                threading.Event().wait(60)
                return
            with self.context.wrap_socket(client, server_side=True) as inside, socket.socket(socket.AF_UNIX) as valkey:
                self.open.add(inside)
                valkey.connect(str(self.target))
                back = threading.Thread(target=self._hand_on, args=(valkey, inside), daemon=True)
                back.start()
                self._hand_on(inside, valkey)
                back.join()
                self.open.discard(inside)
        except OSError:
            return  # either side went away, or would not trust us
        finally:
            self.open.discard(client)
            client.close()

    @staticmethod
    def _hand_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(PORTION):
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
