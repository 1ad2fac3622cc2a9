"""Search by meaning switched on: vectors come from a server that speaks OpenAI's protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.embedding_server import EmbeddingServer
from tests.support.vector_server import TOKEN, VectorServer


@pytest.fixture
def embedding_server() -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    yield server
    server.close()


@pytest.fixture
def by_meaning(in_app: Flask, embedding_server: EmbeddingServer) -> EmbeddingServer:
    """For the app of this test."""
    settings = in_app.config["SETTINGS"]
    settings.embedder, settings.openai_api_key = "openai", "a key"
    settings.openai_base_url, settings.embedding_dims = embedding_server.url, 8
    return embedding_server


@pytest.fixture
def at_upstash(in_app: Flask) -> Iterator[VectorServer]:
    """Vectors of new generations are kept there, in this test."""
    server = VectorServer(dims=8)
    settings = in_app.config["SETTINGS"]
    settings.upstash_vector_rest_url, settings.upstash_vector_rest_token = server.url, TOKEN
    yield server
    server.close()
