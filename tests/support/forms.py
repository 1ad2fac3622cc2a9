"""Forms that the client of tests sends are as those of browsers, also where a field or a file is empty.

Werkzeug's client leaves out the line between the head of a part and its content when there is no content, and forgives
itself when it reads that; multipart takes such a form for broken.
"""

from __future__ import annotations

from werkzeug.sansio.multipart import Data, Event, MultipartEncoder, State


def send_whole_forms() -> None:
    send = MultipartEncoder.send_event

    def send_whole(encoder: MultipartEncoder, event: Event) -> bytes:
        starts = encoder.state == State.DATA_START and isinstance(event, Data)
        return send(encoder, event) or (b"\r\n" if starts else b"")

    MultipartEncoder.send_event = send_whole  # type: ignore[method-assign]
