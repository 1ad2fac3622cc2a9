"""People: accounts, what their role allows, the devices they are signed in on, their API tokens."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, String, column, delete, select, text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, Model, Moment, db, is_writing, transaction, utcnow
from webapp.models import audit

VIEWER, EDITOR, ADMIN = ROLES = ("viewer", "editor", "admin")
MIN_PASSWORD = 12  # characters
LONGEST_NAME = 100  # characters
SIGNED_IN_FOR = timedelta(days=30)
SEEN_AGAIN = timedelta(minutes=30)  # how old "last seen" gets before it is written anew
COMMON_PARTS = ("password", "123456", "qwerty", "letmein", "gallerist", "abcdef", "iloveyou", "administrator")


def hash_of_nothing(hasher: PasswordHasher) -> str:
    """What no password fits, and what takes as long to find out as for any other. To hash one would slow each start."""
    made_up = [secrets.token_bytes(length) for length in (hasher.salt_len, hasher.hash_len)]
    salt, digest = (b64encode(one).decode().rstrip("=") for one in made_up)
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


_hasher = PasswordHasher()
_nobody = hash_of_nothing(_hasher)  # verified for unknown accounts, so that they take as long


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
    full_name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="", server_default="")
    password_hash: Mapped[str] = mapped_column(String(200))  # "" until the invited person has chosen one
    role: Mapped[str] = mapped_column(String(10))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)  # not to the second, as it is not written each time

    __allow_unmapped__ = True
    session_token: str | None = None  # of the device that asks; not a column

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def name(self) -> str:
        """What other people see; without a name "ann" of ann@example.org."""
        return self.full_name or self.email.partition("@")[0]

    @property
    def subject(self) -> str:
        return f"person:{self.id}"

    @property
    def title(self) -> str:
        return self.email

    @property
    def has_joined(self) -> bool:
        return bool(self.password_hash)

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
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    address: Mapped[str | None] = mapped_column(String(45))  # in the network, of the moment of signing in
    agent: Mapped[str | None] = mapped_column(String(300))  # what its browser said of itself

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ApiToken(Model):
    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # sha256 of the token
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="", server_default="")  # what it is for
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)  # when it was last used

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


def create_user(email: str, password: str, role: str) -> User:
    """Raises UnfitAccount."""
    email = clean_email(email)
    check_role(role)
    check_password(email, password)
    password_hash = hash_password(password)
    with transaction():
        user = add_user(email, password_hash, role)
        audit.note("made", user, f"made the {role} account {email}")
        return user


def add_user(email: str, password_hash: str, role: str) -> User:
    """In the caller's transaction. Raises UnfitAccount."""
    if db.session.scalar(select(User.id).where(User.email == email)):
        raise UnfitAccount("email", f"There is already an account for {email}.")
    user = User(email=email, password_hash=password_hash, role=role)
    db.session.add(user)
    db.session.flush()
    return user


def create_first_admin(email: str, password: str) -> User:
    """Only while there is nobody at all. Raises UnfitAccount or LookupError."""
    with transaction():
        lock_users()
        if there_are_users():
            raise LookupError("There is an account already. Sign in with it.")
        user = create_user(email, password, ADMIN)
        audit.note("made", user, "made the first account", by=user)
        return user


def lock_users() -> None:
    """Until the transaction ends nobody else changes an account. SQLite's write transaction keeps others out anyway."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))


def clean_email(typed: str) -> str:
    """Raises UnfitAccount."""
    email = typed.strip().lower()
    name, at, host = email.partition("@")
    if not (name and at and "." in host.strip(".")) or len(email) > 254 or any(c.isspace() for c in email):
        raise UnfitAccount("email", "This isn't an e-mail address, such as ann@example.org.")
    return email


def check_role(role: str) -> None:
    """Raises UnfitAccount."""
    if role not in ROLES:
        raise UnfitAccount("role", f"There is no role {role!r}. There are: {', '.join(ROLES)}.")


def check_password(email: str, password: str) -> None:
    """Raises UnfitAccount."""
    if len(password) < MIN_PASSWORD:
        raise UnfitAccount("password", f"Use a password of {MIN_PASSWORD} characters or more.")
    rest = password.lower().replace(email.partition("@")[0], "")
    for part in COMMON_PARTS:
        rest = rest.replace(part, "")
    if len(set(rest)) < 4:
        raise UnfitAccount("password", "This password is easy to guess. Use a few unrelated words.")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def there_are_users() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None


def user_with_password(email: str, password: str) -> User | None:
    """The active user of these; None, after the same time, whatever was wrong."""
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    if not is_password_of(user, password):
        return None
    return user if user and user.active else None


def is_password_of(user: User | None, password: str) -> bool:
    try:
        return _hasher.verify(user.password_hash if user and user.has_joined else _nobody, password)
    except (VerificationError, InvalidHashError):
        return False


def note_failed_sign_in(email: str) -> None:
    """What was typed is kept only when it is the address of an account; it might be a password in the wrong field."""
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    who = (user.id, user.email) if user else (None, audit.SOMEBODY)
    audit.write_counted(who, "failed sign-in", user, "failed to sign in")


def start_session(user: User, agent: str = "") -> None:
    """Begin a session on one device; `user.session_token` is for its cookie."""
    token, now = secrets.token_urlsafe(32), utcnow()
    with transaction() as session:
        session.execute(update(User).where(User.id == user.id).values(seen_at=now))  # users first, as lock_users() does
        session.execute(delete(SignIn).where(SignIn.created_at < now - SIGNED_IN_FOR))
        session.add(
            SignIn(id=digest(token), user_id=user.id, seen_at=now, address=audit.network_address(), agent=agent[:300])
        )
        audit.note("signed in", user, "signed in", by=user)
    user.session_token = token


def signed_in_user(token: str) -> User | None:
    found = db.session.get(SignIn, digest(token))
    if found is None or not found.user.active or found.created_at < utcnow() - SIGNED_IN_FOR:
        return None
    return saw(found)


def renew_session(user: User) -> None:
    """The session goes on under another token, for whoever has copied the cookie; in the caller's transaction."""
    token = secrets.token_urlsafe(32)
    here = update(SignIn).where(SignIn.id == digest(user.session_token or ""))
    db.session.execute(here.values(id=digest(token)))
    user.session_token = token


def end_session(token: str) -> None:
    """The cookie is worth nothing from now on, wherever a copy of it lies."""
    with transaction() as session:
        found = session.get(SignIn, digest(token))
        if found is not None:
            audit.note("signed out", found.user, "signed out", by=found.user)
            session.delete(found)


def end_sessions(user: User, *, but: str | None = None) -> None:
    """All that this person has, in the caller's transaction; `but` is the token of the one that stays."""
    ended = delete(SignIn).where(SignIn.user_id == user.id)
    db.session.execute(ended.where(SignIn.id != digest(but)) if but else ended)


def new_api_token(email: str, name: str = "") -> str:
    """Shown once; only its digest is kept. Raises LookupError."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower(), User.active))
        if user is None:
            raise LookupError(f"There is no active account for {email}.")
        session.add(ApiToken(id=digest(token), user_id=user.id, name=name))
        audit.note("made token", user, f"made the API token “{name}”" if name else f"made an API token of {user.email}")
    return token


def user_with_api_token(token: str) -> User | None:
    found = db.session.get(ApiToken, digest(token))
    return saw(found) if found and found.user.active else None


def saw(found: SignIn | ApiToken) -> User:
    """The person; that they were seen is written now and then."""
    user, now = found.user, utcnow()
    if not is_writing() and (found.seen_at is None or found.seen_at < now - SEEN_AGAIN):
        this = update(type(found)).where(type(found).id == found.id)
        with transaction() as session:
            for row in (update(User).where(User.id == user.id), this):  # users first, as lock_users() does
                session.execute(row.values(seen_at=now).execution_options(synchronize_session=False))
        db.session.refresh(user)
    return user


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
