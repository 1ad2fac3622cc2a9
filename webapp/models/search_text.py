"""The words of each document, kept in one table with the indexes that find them; triggers and the database do the rest.

SQLite has two more tables, `search_words` (FTS5 by words) and `search_parts` (FTS5 by three letters each), PostgreSQL
two more columns, `words` (tsvector) and `parts` (in small letters, for trigrams); `search_vocabulary` names each word.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    Delete,
    Index,
    String,
    Table,
    Text,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, Model, Numbers, db, is_one_of, is_postgresql

if TYPE_CHECKING:
    from webapp.models.searchable import Collection

SPACE = 2**40  # ids of one collection lie side by side, where an index reads them alone
AT_ONCE = 1000  # documents a statement
VOCABULARY = table("search_vocabulary", column("word", Text))  # of PostgreSQL
A_WORD = "^[^0-9]{3,40}$"  # that somebody may misspell


class SearchText(Model):
    __tablename__ = "search_texts"
    __table_args__ = (Index("uq_search_texts_collection_doc_id", "collection", "doc_id", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)  # SPACE × the collection's + doc_id
    collection: Mapped[str] = mapped_column(String(20))
    doc_id: Mapped[int] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


def keep(collection: Collection, ids: Sequence[int], *, new: bool) -> None:
    """Write down what these documents say now, in the running transaction; forget those that are gone."""
    for start in range(0, len(ids), AT_ONCE):
        _keep(collection, ids[start : start + AT_ONCE], new=new)


def _keep(collection: Collection, ids: Sequence[int], *, new: bool) -> None:
    if is_postgresql() and not new:
        db.session.execute(_LOCKED, {"ids": [_place(collection, each) for each in ids]})
    written = db.session.execute(_writing(collection, is_postgresql(), some=True), {"ids": ids}).all()
    if len(written) < len(ids):
        db.session.execute(_forgetting(collection), {"ids": [_place(collection, each) for each in ids]})


def _place(collection: Collection, doc_id: int) -> int:
    return collection.number * SPACE + doc_id


TEXTS = cast(Table, SearchText.__table__)

# What another transaction writes just now is waited for; the statement after it then reads what that has committed.
_LOCKED = (
    select(TEXTS.c.id).where(TEXTS.c.id.in_(bindparam("ids", expanding=True))).order_by(TEXTS.c.id).with_for_update()
)


def fill(collection: Collection) -> None:
    """Write down all documents of the collection that are not written down as they are."""
    db.session.execute(_writing(collection, is_postgresql(), some=False)).all()
    db.session.execute(_forgetting(collection, some=False))


@cache
def _writing(collection: Collection, on_postgresql: bool, *, some: bool) -> Any:
    """One INSERT, composed once: to do it at each upload would take longer than to run it."""
    texts = collection.texts()
    if some:
        texts = texts.where(is_one_of(collection.model.id, bindparam("ids", type_=Numbers)))
    read = texts.subquery()
    doc_id, title, words = read.c
    rows = select(doc_id + collection.number * SPACE, literal(collection.name, String), doc_id, title, words)
    dialect = postgresql if on_postgresql else sqlite
    insert_rows = dialect.insert(TEXTS).from_select(
        ["id", "collection", "doc_id", "title", "text"], rows.where(text("true"))
    )
    new = insert_rows.excluded
    written = insert_rows.on_conflict_do_update(
        index_elements=["id"],
        set_={"title": new.title, "text": new.text},
        where=(TEXTS.c.title != new.title) | (TEXTS.c.text != new.text),
    )
    if not on_postgresql:
        return written.returning(TEXTS.c.doc_id)
    return _and_spelling(written)


def _and_spelling(written: postgresql.Insert) -> Any:
    """The same statement adds to the vocabulary the words that are not in it."""
    kept = written.returning(TEXTS.c.doc_id, literal_column("search_texts.words").label("words")).cte("kept")
    each = func.unnest(func.tsvector_to_array(kept.c.words)).table_valued("word", name="each_word").render_derived()
    known = select(VOCABULARY.c.word).where(VOCABULARY.c.word == each.c.word)
    unknown = select(each.c.word).select_from(kept.join(each, true())).distinct()
    unknown = unknown.where(each.c.word.op("~")(A_WORD), ~known.correlate(each).exists())
    spelt = insert(VOCABULARY).from_select(["word"], unknown).cte("spelt")
    return select(kept.c.doc_id).add_cte(spelt)


@cache
def _forgetting(collection: Collection, *, some: bool = True) -> Delete:
    there = select(collection.model.id).where(collection.model.id == TEXTS.c.doc_id)
    gone = delete(TEXTS).where(TEXTS.c.collection == collection.name, ~there.exists())
    if some:
        gone = gone.where(TEXTS.c.id.in_(bindparam("ids", expanding=True)))
    return gone
