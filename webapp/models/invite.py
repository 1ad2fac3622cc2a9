"""Invites: one-time links with which somebody chooses a password, as a new person or because the old one is lost."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Model, Moment, db, transaction, utcnow
from webapp.models import audit
from webapp.models.user import (
    LONGEST_NAME,
    UnfitAccount,
    User,
    add_user,
    check_password,
    check_role,
    clean_email,
    digest,
    end_sessions,
    hash_password,
    lock_users,
)

OPEN_FOR = timedelta(days=7)


class Invite(Model):
    __tablename__ = "invites"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # sha256 of the link's key
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class UselessLink(Exception):
    """The link leads nowhere; the message says why and what to do."""


def invite_person(email: str, role: str) -> tuple[User, str]:
    """An account that waits for its person, and the key of their link, to be shown once. Raises UnfitAccount."""
    email = clean_email(email)
    check_role(role)
    with transaction():
        lock_users()
        user = add_user(email, "", role)
        audit.note("invited", user, f"invited {email} as {role}")
        return user, add_invite(user)


def new_link(user_id: int) -> tuple[User, str]:
    """Another key for somebody who lost the password or the link; older ones open nothing. Raises LookupError."""
    with transaction():
        lock_users()
        user = db.session.get(User, user_id, populate_existing=True)
        if user is None or not user.active:
            raise LookupError("There is no such account, or it is disabled. Enable it first.")
        audit.note("made link", user, f"made a link for {user.email} to choose a password")
        return user, add_invite(user)


def add_invite(user: User) -> str:
    key = secrets.token_urlsafe(32)
    db.session.execute(delete(Invite).where(Invite.user_id == user.id, Invite.used_at.is_(None)))
    db.session.add(Invite(id=digest(key), user_id=user.id, expires_at=utcnow() + OPEN_FOR))
    return key


def open_invite(key: str) -> Invite:
    """Raises UselessLink."""
    invite = db.session.get(Invite, digest(key), populate_existing=True)
    if invite is None or not invite.user.active:
        raise UselessLink("This link is not known. It may not be whole, or there is a newer one.")
    if invite.used_at is not None:
        raise UselessLink("This link was used already. Sign in with your password.")
    if invite.expires_at <= utcnow():
        raise UselessLink("This link is too old.")
    return invite


def accept(key: str, name: str, password: str) -> User:
    """Give the person this name and password, once. Whoever is signed in as them is signed out.

    Raises UselessLink, UnfitAccount.
    """
    invite = open_invite(key)
    name = clean_name(name)
    check_password(invite.user.email, password)
    password_hash = hash_password(password)  # slow, so nobody waits for it with a lock
    with transaction():
        lock_users()
        invite = open_invite(key)  # once more, now that nobody else can use it
        invite.used_at, user = utcnow(), invite.user
        was_new = not user.has_joined
        user.password_hash, user.full_name = password_hash, name or user.full_name
        end_sessions(user)
        words = "opened the invitation and chose a password" if was_new else "chose a new password with a link"
        audit.note("joined" if was_new else "changed password", user, words, by=user)
        return user


def clean_name(typed: str) -> str:
    """Raises UnfitAccount."""
    name = " ".join("".join(c if c.isprintable() else " " for c in typed).split())
    if len(name) > LONGEST_NAME:
        raise UnfitAccount("name", f"Use {LONGEST_NAME} characters or fewer for the name.")
    return name
