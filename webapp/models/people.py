"""What admins do to accounts: another role, letting somebody in no more, and letting them in again."""

from __future__ import annotations

from sqlalchemy import delete, select

from webapp.database import db, transaction
from webapp.models import audit
from webapp.models.invite import Invite
from webapp.models.user import ADMIN, ApiToken, User, check_role, end_sessions, lock_users


class NotAllowed(ValueError):
    """It would leave the site without an admin, or lock out whoever asks; the message says so."""


def find_person(user_id: int) -> User:
    """As they are now. Raises LookupError."""
    user = db.session.get(User, user_id, populate_existing=True)
    if user is None:
        raise LookupError(f"There is no account {user_id}.")
    return user


def person_with(email: str) -> User:
    """Raises LookupError."""
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        raise LookupError(f"There is no account for {email}.")
    return user


def change_role(user_id: int, role: str) -> User:
    """Raises LookupError, UnfitAccount, NotAllowed."""
    check_role(role)
    with transaction():
        user = locked_person(user_id)
        if user.role != role:
            if role != ADMIN:
                keep_an_admin(user, "Make somebody else an admin first.")
            audit.note("gave role", user, f"made {user.email} {role}, who was {user.role}")
            user.role = role
        return user


def disable(user_id: int, *, by: int | None = None) -> User:
    """End an account's sessions, links and tokens and let nobody in any more. Raises LookupError, NotAllowed."""
    with transaction() as session:
        user = locked_person(user_id)
        if user.id == by:
            raise NotAllowed("You can't disable yourself. Another admin can.")
        if user.active:
            keep_an_admin(user, "Make somebody else an admin first.")
            audit.note("disabled", user, f"disabled {user.email}")
        user.active = False
        end_sessions(user)
        for model in (ApiToken, Invite):
            session.execute(delete(model).where(model.user_id == user.id))
        return user


def enable(user_id: int) -> User:
    """With the password of before; tokens have to be made anew. Raises LookupError."""
    with transaction():
        user = locked_person(user_id)
        if not user.active:
            audit.note("enabled", user, f"enabled {user.email}")
        user.active = True
        return user


def locked_person(user_id: int) -> User:
    """Until the transaction ends no other account changes, or two admins could disable each other."""
    lock_users()
    return find_person(user_id)


def keep_an_admin(user: User, way_out: str) -> None:
    """Raises NotAllowed when this is the last one who can sign in."""
    able = (User.role == ADMIN, User.active, User.password_hash != "")
    others = select(User.id).where(*able, User.id != user.id).limit(1)
    if user.role == ADMIN and user.active and db.session.scalar(others) is None:
        raise NotAllowed(f"{user.email} is the only admin who can sign in. {way_out}")
