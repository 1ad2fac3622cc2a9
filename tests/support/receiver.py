"""A program elsewhere that gets our calls: a real HTTP server that answers as it is told and remembers what came."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: dict[str, str]  # by their names in small letters
    body: bytes


class Receiver:
    """Answers 200, or by `answers`, the last of which is repeated: a status, or a function of the handler."""

    def __init__(self, *answers: int | Callable[[BaseHTTPRequestHandler], None], host: str = "127.0.0.1") -> None:
        self.answers = list(answers) or [200]
        self.calls: list[Call] = []
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.calls.append(Call(self.command, self.path, headers, body))
                receiver.answer(self)

            do_GET = do_POST = handle_any  # noqa: N815  # as its base looks for them

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: object) -> None:
                """The caller hangs up, as it should when it is kept waiting."""

        self.server = Server((host, 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer(handler)
            return
        handler.send_response(answer)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    def speak_tls(self, certificate: str) -> None:
        """From now on, with this certificate and key (a PEM file)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = self.url.replace("http://", "https://")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
