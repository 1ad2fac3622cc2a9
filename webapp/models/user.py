"""People: accounts, what their role allows, the devices they are signed in on, their API tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, String, column, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, Model, Moment, db, transaction, utcnow

VIEWER, EDITOR, ADMIN = ROLES = ("viewer", "editor", "admin")
MIN_PASSWORD = 12  # characters
SIGNED_IN_FOR = timedelta(days=30)
COMMON_PARTS = ("password", "123456", "qwerty", "letmein", "gallerist", "abcdef", "iloveyou", "administrator")

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_hex())  # verified for unknown accounts, so that they take as long


class UnfitAccount(ValueError):
    """The e-mail address, role or password can't be used; `field` says which, the message why."""

    def __init__(self, field: str, words: str) -> None:
        self.field = field
        super().__init__(words)


class User(UserMixin, Model):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(column("role").in_(ROLES), name="role"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    __allow_unmapped__ = True
    session_token: str | None = None  # of the device that asks; not a column

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def name(self) -> str:
        """What other people see: "ann" of ann@example.org."""
        return self.email.partition("@")[0]

    @property
    def may_edit(self) -> bool:
        return self.role in (EDITOR, ADMIN)

    @property
    def may_administer(self) -> bool:
        return self.role == ADMIN

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the token of this device's sign-in, never the user's id."""
        if self.session_token is None:
            raise RuntimeError("Call start_session() before login_user()")
        return self.session_token


class SignIn(Model):
    """One device on which a user is signed in. Deleting the row ends the session, whatever the cookie says."""

    __tablename__ = "sign_ins"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # sha256 of the cookie's token
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ApiToken(Model):
    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # sha256 of the token
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


def create_user(email: str, password: str, role: str) -> User:
    """Raises UnfitAccount."""
    email = email.strip().lower()
    _refuse_unfit(email, password, role)
    password_hash = _hasher.hash(password)
    with transaction() as session:
        if session.scalar(select(User.id).where(User.email == email)):
            raise UnfitAccount("email", f"There is already an account for {email}.")
        user = User(email=email, password_hash=password_hash, role=role)
        session.add(user)
        session.flush()
        return user


def create_first_admin(email: str, password: str) -> User:
    """Only while there is nobody at all. Raises UnfitAccount or LookupError."""
    with transaction() as session:
        if session.get_bind().dialect.name == "postgresql":  # SQLite's write transaction keeps others out by itself
            session.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
        if there_are_users():
            raise LookupError("There is an account already. Sign in with it.")
        return create_user(email, password, ADMIN)


def _refuse_unfit(email: str, password: str, role: str) -> None:
    name, at, host = email.partition("@")
    if not (name and at and "." in host.strip(".")) or len(email) > 254 or any(c.isspace() for c in email):
        raise UnfitAccount("email", "This isn't an e-mail address, such as ann@example.org.")
    if role not in ROLES:
        raise UnfitAccount("role", f"There is no role {role!r}. There are: {', '.join(ROLES)}.")
    if len(password) < MIN_PASSWORD:
        raise UnfitAccount("password", f"Use a password of {MIN_PASSWORD} characters or more.")
    lowered = password.lower()
    rest = lowered.replace(name, "")
    for part in COMMON_PARTS:
        rest = rest.replace(part, "")
    if len(set(rest)) < 4:
        raise UnfitAccount("password", "This password is easy to guess. Use a few unrelated words.")


def there_are_users() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None


def user_with_password(email: str, password: str) -> User | None:
    """The active user of these; None, after the same time, whatever was wrong."""
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    try:
        _hasher.verify(user.password_hash if user else _nobody, password)
    except (VerificationError, InvalidHashError):
        return None
    return user if user and user.active else None


def start_session(user: User) -> None:
    """Begin a session on one device; `user.session_token` is for its cookie."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.created_at < utcnow() - SIGNED_IN_FOR))
        session.add(SignIn(id=_digest(token), user_id=user.id))
    user.session_token = token


def signed_in_user(token: str) -> User | None:
    found = db.session.get(SignIn, _digest(token))
    if found is None or not found.user.active or found.created_at < utcnow() - SIGNED_IN_FOR:
        return None
    return found.user


def end_session(token: str) -> None:
    """The cookie is worth nothing from now on, wherever a copy of it lies."""
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.id == _digest(token)))


def disable(email: str) -> None:
    """End an account's sessions and tokens and let nobody in any more. Raises LookupError."""
    with transaction() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise LookupError(f"There is no account for {email}.")
        user.active = False
        session.execute(delete(SignIn).where(SignIn.user_id == user.id))
        session.execute(delete(ApiToken).where(ApiToken.user_id == user.id))


def new_api_token(email: str) -> str:
    """Shown once; only its digest is kept. Raises LookupError."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower(), User.active))
        if user is None:
            raise LookupError(f"There is no active account for {email}.")
        session.add(ApiToken(id=_digest(token), user_id=user.id))
    return token


def user_with_api_token(token: str) -> User | None:
    found = db.session.get(ApiToken, _digest(token))
    return found.user if found and found.user.active else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
