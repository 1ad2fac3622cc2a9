"""What was typed into a form that can't be taken now goes along in the answer, from where one button sends it again.

Nothing of it is stored here. That button sends it with a token that fits, so whoever calls this sees to it first that
the form came from a page of this site: what another site made up must never come back to be sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, render_template, request
from itsdangerous import BadData, URLSafeSerializer

LARGEST = 64 * 1024  # bytes of what somebody sent who is not signed in
LARGEST_SEALED = 60_000  # characters; the form to sign in takes 64 KB with everything
WITH_PASSWORDS = {"session", "account", "invite"}  # blueprints; what is typed there is never shown again
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True)
class KeptForm:
    address: str
    fields: list[tuple[str, str]]


def sent_form() -> KeptForm | None:
    """The form of this request, unless it holds a file, might hold a password, or a script waits for the answer."""
    is_form = request.method == "POST" and request.mimetype in (URLENCODED, MULTIPART)
    if not is_form or request.blueprint in WITH_PASSWORDS or not is_for_a_person() or files_were_sent():
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return KeptForm(request.full_path.rstrip("?"), fields)


def is_for_a_person() -> bool:
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


def files_were_sent() -> bool:
    return any(file.filename for _, file in request.files.items(multi=True))


def small_sent_form() -> KeptForm | None:
    """The same from anybody: no more is read than is needed to sign in."""
    size = request.content_length
    return sent_form() if request.mimetype == URLENCODED and size is not None and size <= LARGEST else None


def seal(form: KeptForm) -> str | None:
    """As one field of the form to sign in, which nobody else can write; None when that is too long for it."""
    sealed = _sealer().dumps([form.address, form.fields])
    text = sealed if isinstance(sealed, str) else sealed.decode()
    return text if len(text) <= LARGEST_SEALED else None


def unseal(text: str) -> KeptForm | None:
    try:
        address, fields = _sealer().loads(text)
    except BadData:
        return None
    return KeptForm(address, [(name, value) for name, value in fields])


def _sealer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="kept form")


def send_again(form: KeptForm, words: str) -> str:
    return render_template("session/send_again.html", form=form, words=words)
