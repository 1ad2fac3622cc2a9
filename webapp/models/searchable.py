"""What can be searched: each collection says how its texts are read and who may see them, once.

Whoever creates, changes, publishes, trashes, restores or deletes a document says so with changed(), in the same
transaction. What is kept of a document to find it is therefore never older or newer than the document itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select

from webapp.database import db, is_writing
from webapp.models import search_text


class Document(NamedTuple):
    doc_id: int
    title: str
    text: str  # Markdown; what has no words has ""


def as_it_is(document: Document) -> Document:
    return document


@dataclass(frozen=True)
class Collection:
    """Documents of one kind, rows of `model`. The conditions are on `model`, and asked with each search anew."""

    name: str  # as in the API: "media"
    number: int  # of its rows in the index; never changes, and no other collection has it
    model: Any  # with an `id` and a `deleted_at`
    texts: Callable[[], Select[int, str, str]]  # doc_id, title and text (Markdown) of all there are, from `model`
    is_public: Callable[[], ColumnElement[bool]]  # anybody may see it
    has_vectors: Callable[[], ColumnElement[bool]] | None = None  # it is found by meaning; when it is public, if unset
    label: str = ""  # as people call it, where that is not its name
    meant: Callable[[Document], Document] = as_it_is  # without what has words but no meaning
    as_read: Callable[[str], str] = str  # a line of the text as people see it

    @property
    def words(self) -> str:
        return self.label or self.name.capitalize()

    @property
    def word_for_one(self) -> str:
        return self.words.removesuffix("s")

    def for_signed_in(self) -> ColumnElement[bool]:
        """People with an account may see it: it does not lie in the trash."""
        in_library: ColumnElement[bool] = self.model.deleted_at.is_(None)
        return in_library

    def by_meaning(self) -> ColumnElement[bool]:
        """It is in the index of vectors. Who may find it there is asked with each search all the same."""
        return (self.has_vectors or self.is_public)()


Follower = Callable[[Collection, Sequence[int], bool], None]

SEARCHABLE: dict[str, Collection] = {}
FOLLOWERS: list[Follower] = []


def declare(collection: Collection) -> Collection:
    """Let it be searched. Its name and number must be new."""
    for other in SEARCHABLE.values():
        if collection.name == other.name or collection.number == other.number:
            raise ValueError(f"{collection.name} and {other.name} have the same name or number")
    SEARCHABLE[collection.name] = collection
    return collection


def changed(collection: str, ids: Iterable[int], *, new: bool = False) -> None:
    """These documents were made, changed, published, hidden, trashed, restored or deleted by this transaction.

    Call it once for all of them, after the change and before the commit. `new` promises that this transaction made
    them, so that no other can be at them.
    """
    known = SEARCHABLE[collection]
    if not is_writing():
        raise RuntimeError("changed() belongs inside transaction()")
    wanted = sorted(set(ids))
    if wanted:
        db.session.flush()
        search_text.keep(known, wanted, new=new)
        for follow in FOLLOWERS:
            follow(known, wanted, new)


def follows(function: Follower) -> Follower:
    """The function is told of each change, to bring what it keeps of these documents up to what they are now.

    It is given the collection, the ids, and whether they are new.
    """
    FOLLOWERS.append(function)
    return function


def documents(collection: Collection, ids: Iterable[int]) -> list[Document]:
    """What there is to understand of those that exist, by id."""
    found = collection.texts().where(collection.model.id.in_(list(ids))).order_by(collection.model.id)
    return [collection.meant(Document(*row)) for row in db.session.execute(found)]


def visible_ids(collection: Collection, *, to_everybody: bool) -> Select[int]:
    """The documents that everybody, or everybody with an account, may see now."""
    may_see = collection.is_public() if to_everybody else collection.for_signed_in()
    return select(collection.model.id).where(may_see)
