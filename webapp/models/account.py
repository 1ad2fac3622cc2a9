"""What people do to their own account: name, password, sessions and API tokens."""

from __future__ import annotations

from sqlalchemy import delete, select

from webapp.database import db, transaction, utcnow
from webapp.models import audit
from webapp.models.invite import clean_name
from webapp.models.user import (
    LONGEST_NAME,
    SIGNED_IN_FOR,
    ApiToken,
    SignIn,
    UnfitAccount,
    User,
    check_password,
    end_sessions,
    hash_password,
    is_password_of,
    new_api_token,
    renew_session,
)

MOST_TOKENS = 50  # of one person


def change_name(user_id: int, typed: str) -> None:
    """Raises UnfitAccount."""
    name = clean_name(typed)
    with transaction() as session:
        user = session.get_one(User, user_id)
        if user.full_name != name:
            user.full_name = name
            audit.note("edited", user, f"changed the name of {user.email} to “{user.name}”")


def change_password(user: User, current: str, new: str) -> None:
    """Every other session ends, and what the cookie of this one holds: `user.session_token` is for its next.

    Raises UnfitAccount.
    """
    if not is_password_of(user, current):
        raise UnfitAccount("current", "This is not your current password.")
    check_password(user.email, new)
    password_hash = hash_password(new)
    with transaction() as session:
        user.password_hash = password_hash
        session.flush()  # users first, as lock_users() does
        renew_session(user)
        end_sessions(user, but=user.session_token)
        audit.note("changed password", user, "changed the own password")


def sign_out_everywhere(user_id: int) -> None:
    with transaction() as session:
        user = session.get_one(User, user_id)
        audit.note("signed out", user, "signed out everywhere")
        end_sessions(user)


def make_token(user: User, typed: str) -> str:
    """Shown once; only its digest is kept. Raises UnfitAccount."""
    name = " ".join(typed.split())
    if not name:
        raise UnfitAccount("purpose", "Say what the token is for, so that you know it later.")
    if len(name) > LONGEST_NAME:
        raise UnfitAccount("purpose", f"Use {LONGEST_NAME} characters or fewer for the name.")
    with transaction() as session:
        names = session.scalars(select(ApiToken.name).where(ApiToken.user_id == user.id)).all()
        if name in names:  # as after a reload of the page that showed it
            raise UnfitAccount("purpose", f"You have a token “{name}” already. Revoke it, or choose another name.")
        if len(names) >= MOST_TOKENS:
            raise UnfitAccount("purpose", f"You have {MOST_TOKENS} tokens. Revoke one that you don't use any more.")
        return new_api_token(user.email, name)


def revoke_token(user_id: int, token_id: str) -> str | None:
    """Its name; None when there is no such token of this person."""
    with transaction() as session:
        found = session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id))
        if found is None:
            return None
        audit.note("revoked token", found.user, f"revoked the API token “{title_of(found)}”")
        session.execute(delete(ApiToken).where(ApiToken.id == token_id))
        return title_of(found)


def title_of(token: ApiToken) -> str:
    return token.name or "made at the command line"


def sign_ins_of(user_id: int) -> list[SignIn]:
    """Newest first."""
    mine = select(SignIn).where(SignIn.user_id == user_id, SignIn.created_at > utcnow() - SIGNED_IN_FOR)
    return list(db.session.scalars(mine.order_by(SignIn.created_at.desc(), SignIn.id)))


def tokens_of(user_id: int) -> list[ApiToken]:
    mine = select(ApiToken).where(ApiToken.user_id == user_id)
    return list(db.session.scalars(mine.order_by(ApiToken.created_at.desc(), ApiToken.id)))
