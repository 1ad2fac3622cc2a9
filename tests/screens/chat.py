"""Where /ask of the screens gets its answers from: what it says, a question chooses."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

from tests.support.embedding_server import EmbeddingServer, refuse

AWAY = "by itself"  # in a question: as if the service could not answer
UNKNOWN = "unicorn"  # nothing here says so
ANSWER = (
    "A gallery is hung by hand or by itself [1]. What is shown is what matches its rule and what was added, without "
    "what was hidden [1][2]. <Everything else> is in the help."
)


class ChatServer(EmbeddingServer):
    def chat(self, handler: BaseHTTPRequestHandler) -> None:
        question = self.requests[-1]["messages"][-1]["content"].rpartition("Question: ")[2]
        if AWAY in question:
            refuse(503)(handler)
            return
        self.reply = "NOT_IN_THE_PASSAGES" if UNKNOWN in question else ANSWER
        super().chat(handler)
