"""The database: transactions, and what columns and conditions are called on SQLite and PostgreSQL alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    TypeDecorator,
    Update,
    any_,
    cast,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, scoped_session

from webapp.connections import DURABLE, WRITING

ON_COMMIT = "gallerist_on_commit"
CONNECTION = "gallerist_connection"
SNAPSHOT = select(cast(func.pg_current_snapshot(), String))

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite counts row ids only in a column that is exactly INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)


# Rows stay readable after a commit without another query; each transaction() begins afresh anyway.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some rows only, alike on both databases."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def insert_into(model: type[Base] | Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows `on_conflict_do_…`, whichever the database."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return dialect.insert(model)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, stored without its zone so that both databases compare it alike."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


def utcnow() -> datetime:
    return datetime.now(UTC)


@contextmanager
def transaction(*, durable: bool = True, single: bool = False) -> Iterator[scoped_session[Any]]:
    """One write transaction, begun as by begin_writing(): committed at the end, rolled back on any error.

    An inner one joins the outer. It begins afresh, so what it reads is current. On SQLite it takes the write lock at
    once (`BEGIN IMMEDIATE`); outside of it the connection is read-only, so a forgotten `transaction()` fails at once
    instead of losing an update now and then.
    """
    if db.session.info.get(WRITING):
        yield db.session
        return
    begin_writing(durable=durable, single=single)
    try:
        yield db.session
    except BaseException:
        end_writing(commit=False)
        raise
    end_writing(commit=True)


def begin_writing(*, durable: bool = True, single: bool = False) -> None:
    """Leave the read transaction and begin one that writes; `end_writing` must follow.

    `single` promises that one statement is all of it.
    """
    db.session.rollback()
    db.session.expire_all()  # a rollback forgets nothing when no transaction was begun
    db.session.connection(execution_options=writing_options(durable=durable, single=single))
    db.session.info[WRITING] = True


def writing_options(*, durable: bool = True, single: bool = False) -> dict[str, Any]:
    """Of a connection that shall write.

    For a single statement PostgreSQL needs no BEGIN and no COMMIT, each a round trip; nor does it for what only reads,
    where a ROLLBACK would also have psycopg forget the statements that it has prepared.
    """
    several = {"isolation_level": "READ COMMITTED"} if is_postgresql() and not single else {}
    return {WRITING: True, DURABLE: durable, **several}


def end_writing(*, commit: bool) -> None:
    callbacks = []
    try:
        if commit:
            db.session.commit()  # whose flush may run hooks that ask for more callbacks
            callbacks = db.session.info.get(ON_COMMIT, [])
    finally:
        db.session.info.pop(ON_COMMIT, None)
        db.session.info.pop(WRITING, None)  # first: a broken connection can't roll back
        db.session.rollback()
    if commit:
        for callback in callbacks:
            callback()


@contextmanager
def reading_together() -> Iterator[None]:
    """Let PostgreSQL read what is read here in one transaction, for a cursor or a setting that ends with it."""
    if not is_postgresql():
        yield
        return
    driver: Any = db.session.connection().connection.driver_connection
    with driver.transaction():
        yield


def state_of_data() -> tuple[Any, ...]:
    """Equal to an earlier one only if nothing was committed in between, whatever it was and whoever did it.

    PostgreSQL tells which transactions are over and which are not. On SQLite a connection sees that others have
    committed (https://www.sqlite.org/pragma.html#pragma_data_version), and counts what it has changed itself.
    """
    connection = db.session.connection()
    if is_postgresql():
        return (connection.scalar(SNAPSHOT),)
    driver: Any = connection.connection.driver_connection
    which = connection.info.setdefault(CONNECTION, object())
    return which, driver.total_changes, connection.exec_driver_sql("PRAGMA data_version").scalar()


def update_in_passing(update: Update, values: dict[str, Any]) -> Row[Any] | None:
    """One UPDATE … RETURNING as a transaction of its own; the row, if there was one.

    Nobody waits until it is on the disk: a power cut may undo it, and whatever transaction() it is called in.
    """
    update = _not_waited_for(update) if is_postgresql() else update
    with transaction(durable=False, single=True) as session:
        return session.connection().execute(update, values).one_or_none()  # the session's bookkeeping takes longer


@cache
def _not_waited_for(update: Update) -> Update:
    return update.returning(func.set_config("synchronous_commit", "off", True))  # until this transaction ends


def is_one_of(number: Any, numbers: Collection[int] | BindParameter[Any]) -> ColumnElement[bool]:
    """As in_(), in words that are the same for however many, so that it is neither compiled nor planned anew.

    Of a statement that is put together once, `numbers` are a parameter of type Numbers.
    """
    given = numbers if isinstance(numbers, BindParameter) else literal(list(numbers), Numbers)
    if is_postgresql():
        found: ColumnElement[bool] = number == any_(given)
        return found
    return number.in_(select(func.json_each(given).table_valued("value").c.value))


class Numbers(TypeDecorator[Collection[int]]):
    """However many whole numbers in one parameter."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else postgresql.ARRAY(BigInteger))

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return json.dumps(numbers) if dialect.name == "sqlite" else numbers


def is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def is_writing() -> bool:
    return bool(db.session.info.get(WRITING))


def on_commit(callback: Callable[[], object]) -> None:
    """Call it once the running transaction is committed; never, if it is rolled back."""
    if not is_writing():
        raise RuntimeError("on_commit() belongs inside transaction()")
    callbacks = db.session.info.setdefault(ON_COMMIT, [])
    if callback not in callbacks:
        callbacks.append(callback)
