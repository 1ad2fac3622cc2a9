"""What turns texts into vectors; which one, the settings say."""

from __future__ import annotations

from functools import lru_cache

from config import Settings
from webapp.search.embedders.base import Embedder, EmbedderError, NotInstalled, TryAgainLater, WrongDims

__all__ = ["Embedder", "EmbedderError", "NotInstalled", "TryAgainLater", "WrongDims", "embedder_of"]


def embedder_of(settings: Settings) -> Embedder | None:
    """None when EMBEDDER is off. Nothing is loaded and nobody is called before the first text."""
    if settings.embedder_kind == "openai":
        made = (settings.openai_api_key, settings.openai_base_url, settings.embedding_model, settings.embedding_dims)
        return _openai(*made)
    return _local() if settings.embedder_kind == "local" else None


@lru_cache(1)
def _local() -> Embedder:
    from webapp.search.embedders.local import Local

    return Local()


@lru_cache(4)
def _openai(api_key: str, base_url: str | None, model: str, dims: int) -> Embedder:
    from webapp.search.embedders.openai import OpenAI

    return OpenAI(api_key, base_url, model, dims)
