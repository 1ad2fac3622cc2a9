"""A server that speaks OpenAI's protocol for embeddings and for chats, over real HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.receiver import Receiver

Answer = int | Callable[[BaseHTTPRequestHandler], None]


class EmbeddingServer:
    """Embeds as it is asked to; or answers by `answers`, the last of which is repeated."""

    def __init__(self, *answers: Answer, dims: int | None = None) -> None:
        self.dims = dims  # others than it is asked for
        self.alike: tuple[str, ...] = ()  # texts with one of these words mean the same
        self.reply = "NOT_IN_THE_PASSAGES"  # to each chat
        self.receiver = Receiver(*(answers or (self.serve,)))
        self.url = f"{self.receiver.url}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(call.body) for call in self.receiver.calls]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        (self.chat if handler.path.endswith("/chat/completions") else self.embed)(handler)

    def chat(self, handler: BaseHTTPRequestHandler) -> None:
        message = {"role": "assistant", "content": self.reply}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        about = {"id": "chat-1", "object": "chat.completion", "created": 1, "model": self.requests[-1]["model"]}
        send(handler, 200, about | {"choices": choices})

    def embed(self, handler: BaseHTTPRequestHandler) -> None:
        asked = self.requests[-1]
        rows = [vector(self._meant(text), self.dims or asked["dimensions"]) for text in asked["input"]]
        data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
        data.reverse()  # the order is told by the index alone
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        send(handler, 200, {"object": "list", "data": data, "model": asked["model"], "usage": usage})

    def _meant(self, text: str) -> str:
        return self.alike[0] if any(word in text for word in self.alike) else text

    def close(self) -> None:
        self.receiver.close()


def vector(text: str, dims: int) -> list[float]:
    """Always the same for the same text, and not of length 1."""
    digest = sha256(text.encode()).digest()
    return [(digest[at % 32] - 127.5) / 50 for at in range(dims)]


def refuse(status: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(handler, status, {"error": {"message": "no", "type": "error"}}, **headers)

    return answer


def keep_silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def say_nonsense(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, {"object": "list", "data": []})


def send(handler: BaseHTTPRequestHandler, status: int, body: dict[str, Any], **headers: str) -> None:
    data = json.dumps(body).encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
