"""A server that speaks the protocol of Upstash Vector, over real HTTP, and keeps what it is sent in memory."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler
from typing import Any

import numpy as np

from tests.support.embedding_server import Answer, send
from tests.support.receiver import Receiver

TOKEN = "a token"
PAGE = 3  # vectors that one answer of `range` holds here; theirs holds 1,000


class Refused(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class VectorServer:
    """Answers as Upstash does; or by `answers`, the last of which is repeated."""

    def __init__(self, dims: int, *answers: Answer, similarity: str = "COSINE") -> None:
        self.dims = dims
        self.similarity = similarity
        self.namespaces: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.receiver = Receiver(*(answers or (self.answer,)))
        self.url = self.receiver.url

    @property
    def paths(self) -> list[str]:
        """Of the requests, without the namespace."""
        return [call.path.split("/")[1] for call in self.receiver.calls]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        call = self.receiver.calls[-1]
        _, what, *namespace = call.path.split("/")
        try:
            if call.headers.get("authorization") != f"Bearer {TOKEN}":
                raise Refused(401, "Unauthorized: Invalid auth token")
            method = getattr(self, what.replace("-", "_"))
            result = method(json.loads(call.body or b"null"), "/".join(namespace))
        except Refused as refused:
            send(handler, refused.status, {"error": str(refused), "status": refused.status})
        else:
            send(handler, 200, {"result": result})

    def upsert(self, vectors: list[dict[str, Any]] | dict[str, Any], namespace: str) -> str:
        for each in vectors if isinstance(vectors, list) else [vectors]:
            self._check(each["vector"])
            if not any(each["vector"]):
                raise Refused(422, "Cosine similarity needs a vector that is not zero")
            self.namespaces[namespace][each["id"]] = each
        return "Success"

    def query(self, asked: dict[str, Any], namespace: str) -> list[dict[str, Any]]:
        self._check(asked["vector"])
        assert asked["topK"] <= 1000
        wanted = re.findall("'([^']*)'", asked["filter"])
        found = [each for each in self._in(namespace) if not wanted or each["metadata"]["collection"] in wanted]
        scored = [{**self._shown(each), "score": _score(each["vector"], asked["vector"])} for each in found]
        return sorted(scored, key=lambda each: -each["score"])[: asked["topK"]]

    def delete(self, asked: dict[str, Any], namespace: str) -> dict[str, int]:
        prefix = asked.get("prefix")
        gone = [
            each["id"]
            for each in self._in(namespace)
            if each["id"] in asked.get("ids", ()) or (prefix and each["id"].startswith(prefix))
        ]
        for vector_id in gone:
            del self.namespaces[namespace][vector_id]
        return {"deleted": len(gone)}

    def range(self, asked: dict[str, Any], namespace: str) -> dict[str, Any]:
        found = [each for each in self._in(namespace) if each["id"].startswith(asked.get("prefix", ""))]
        first = int(asked["cursor"] or 0)
        last = first + min(PAGE, asked["limit"])
        shown = [self._shown(each) for each in found[first:last]]
        return {"nextCursor": str(last) if last < len(found) else "", "vectors": shown}

    def info(self, _asked: Any, _namespace: str) -> dict[str, Any]:
        counts = {name: {"vectorCount": len(held), "pendingVectorCount": 0} for name, held in self.namespaces.items()}
        return {
            "vectorCount": sum(map(len, self.namespaces.values())),
            "pendingVectorCount": 0,
            "indexSize": 0,
            "dimension": self.dims,
            "similarityFunction": self.similarity,
            "namespaces": counts,
        }

    def list_namespaces(self, _asked: Any, _namespace: str) -> list[str]:
        return ["", *self.namespaces]

    def delete_namespace(self, _asked: Any, namespace: str) -> str:
        if namespace not in self.namespaces:
            raise Refused(404, f"Namespace {namespace} for the index test does not exist")
        del self.namespaces[namespace]
        return "Success"

    def close(self) -> None:
        self.receiver.close()

    def _check(self, vector: list[float]) -> None:
        if len(vector) != self.dims:
            raise Refused(422, f"Invalid vector dimension: {len(vector)}, expected: {self.dims}")

    def _in(self, namespace: str) -> list[dict[str, Any]]:
        held = self.namespaces.get(namespace, {})
        return [held[vector_id] for vector_id in sorted(held)]

    def _shown(self, each: dict[str, Any]) -> dict[str, Any]:
        return {"id": each["id"], "metadata": each["metadata"]}


def _score(one: list[float], other: list[float]) -> float:
    """From 0 for the opposite to 1 for the same direction."""
    return float((1 + np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other)) / 2)


def refuse_at(number: int, status: int, server: VectorServer) -> list[Answer]:
    """Answers as it should, but for the request of this number, from 0."""

    def refuse(handler: BaseHTTPRequestHandler) -> None:
        send(handler, status, {"error": "no", "status": status})

    return [*([server.answer] * number), refuse, server.answer]


def keep_silent(_handler: BaseHTTPRequestHandler) -> None:
    time.sleep(2)
