"""Forms as they come from the network: read whole, within limits, whatever program wrote them."""

from __future__ import annotations

from io import BytesIO

import pytest
from werkzeug import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from webapp.form_data import FormReader

KIND, BOUNDARY = "multipart/form-data", "a-boundary"
FIELD = 'form-data; name="alt"'
FILE = 'form-data; name="file"; filename="sea.jpg"'


class PlainRequest(Request):
    """Whose files stay in memory."""

    form_data_parser_class = FormReader

    def _get_file_stream(self, *_: object, **__: object) -> BytesIO:
        return BytesIO()


def part(disposition: str, content: bytes, *more: str) -> bytes:
    lines = (f"--{BOUNDARY}", f"Content-Disposition: {disposition}", *more, "", "")
    return "\r\n".join(lines).encode() + content + b"\r\n"


def form_of(*parts: bytes, end: bytes = f"--{BOUNDARY}--\r\n".encode(), limits: tuple[int, int] = (100, 10)) -> Request:
    sent = EnvironBuilder(method="POST", data=b"".join(parts) + end, content_type=f"{KIND}; boundary={BOUNDARY}")
    request = PlainRequest(sent.get_environ())
    request.max_form_memory_size, request.max_form_parts = limits
    return request


def test_fields_and_files_come_as_they_were_sent() -> None:
    form = form_of(
        part(FIELD, "Ein Weg\r\nam Meer 猫".encode()),
        part(FILE, bytes(range(256)) * 999, "Content-Type: image/jpeg"),
        part(FIELD, b""),
    )
    assert form.form.getlist("alt") == ["Ein Weg\r\nam Meer 猫", ""]
    file = form.files["file"]
    assert (file.filename, file.mimetype, file.read()) == ("sea.jpg", "image/jpeg", bytes(range(256)) * 999)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('filename="猫.jpg"', "猫.jpg"),
        ('filename="a%22b.jpg"', 'a"b.jpg'),
        ("filename*=UTF-8''%E7%8C%AB.jpg", "猫.jpg"),
        ('filename="' + "x" * 9000 + '.jpg"', "x" * 9000 + ".jpg"),
        ('filename=""', ""),
    ],
)
def test_a_file_has_the_name_that_its_sender_gave_it(said: str, name: str) -> None:
    assert form_of(part(f'form-data; name="file"; {said}', b"a")).files["file"].filename == name


def test_a_name_in_another_alphabet_than_utf8_is_read_as_far_as_it_is() -> None:
    sent = part(FILE.replace("sea", "caf-"), b"a", "X-Of: -").replace(b"-.jpg", b"\xe9.jpg").replace(b": -", b": \xe9")
    file = form_of(part(FIELD, b"by the sea"), sent).files["file"]
    assert (file.filename, file.headers["X-Of"], file.read()) == ("caf\ufffd.jpg", "\ufffd", b"a")


def test_the_boundary_may_look_like_what_is_sent() -> None:
    content = f"\r\n--{BOUNDARY[:-1]}\r\n--".encode() * 10_000
    assert form_of(part(FILE, content)).files["file"].read() == content


def test_fields_are_limited_together_and_files_are_not() -> None:
    with pytest.raises(RequestEntityTooLarge):
        _ = form_of(part(FIELD, b"x" * 60), part(FIELD, b"x" * 60)).form
    assert len(form_of(part(FILE, b"x" * 200), part(FIELD, b"x" * 60)).files["file"].read()) == 200


def test_a_form_of_too_many_parts_is_refused() -> None:
    with pytest.raises(RequestEntityTooLarge):
        _ = form_of(*[part(FIELD, b"") for _ in range(11)]).form


@pytest.mark.parametrize(
    "body",
    [b"", b"no form at all", part(FILE, b"cut off"), part('attachment; name="alt"', b"a"), part("\xff", b"a")],
)
def test_a_broken_form_has_nothing_in_it(body: bytes) -> None:
    broken = form_of(body, end=b"")
    assert (dict(broken.form), dict(broken.files)) == ({}, {})
