"""One module per subject; importing them fills HANDLERS."""

from workers.handlers import HANDLERS
from workers.tasks import batches, exports, galleries, media, posts, search, uploads, webhooks

__all__ = ["HANDLERS", "batches", "exports", "galleries", "media", "posts", "search", "uploads", "webhooks"]
