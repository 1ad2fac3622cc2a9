"""A small HTTP client for tests on a running product: JSON, pages, uploads, one connection a thread."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any  # decoded JSON, or the text of a page
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # by any case of their names


class Client:
    def __init__(self, port: int, token: str, patience: float = 60) -> None:
        """`patience` in seconds, for each piece of an answer."""
        self.port, self.token, self.patience = port, token, patience
        self._local = threading.local()

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, content: Any = None) -> Answer:
        return self.request("POST", path, content)

    def patch(self, path: str, content: Any) -> Answer:
        return self.request("PATCH", path, content)

    def delete(self, path: str) -> Answer:
        return self.request("DELETE", path)

    def upload(self, data: bytes, filename: str = "picture.jpg") -> Answer:
        boundary = secrets.token_hex(16)
        head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        return self.send("POST", "/api/media", body, f"multipart/form-data; boundary={boundary}")

    def request(self, method: str, path: str, content: Any = None) -> Answer:
        body = None if content is None else json.dumps(content).encode()
        return self.send(method, path, body, "application/json" if body else None)

    def send(self, method: str, path: str, body: bytes | None, content_type: str | None) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"}
        if content_type:
            headers["Content-Type"] = content_type
        connection = self._connection()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()  # opened again by the next request
            raise
        is_json = answer.headers.get_content_type() == "application/json"
        return Answer(answer.status, json.loads(text) if is_json and text else words(text), answer.headers)

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        connection: http.client.HTTPConnection = self._local.connection
        return connection


def words(text: bytes) -> str:
    """Of a picture there is nothing to read."""
    return text.decode(errors="replace")
