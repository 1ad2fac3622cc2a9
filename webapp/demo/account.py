"""The demo account, for a first look at an empty Gallerist."""

from __future__ import annotations

import secrets

from webapp.models.user import ADMIN, create_user, there_are_users

EMAIL = "demo@gallerist.example"


def make_account() -> str | None:
    """The password of a new demo admin; None when there are accounts already."""
    if there_are_users():
        return None
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    create_user(EMAIL, password, ADMIN)
    return password
