"""What jobs do to the index of meaning. Whoever writes holds the generations and reads the documents once more.

So of two that write about one document, the later has read what the earlier could not; and what is changed after that
has a job of its own.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence

import structlog
from flask import current_app
from sqlalchemy import select

from webapp.database import db, utcnow
from webapp.models.meaning import Content, ask_again, contents
from webapp.models.searchable import SEARCHABLE, Collection
from webapp.search.embedders import Embedder
from webapp.search.embedders.base import Vectors
from webapp.search.rows import ACTIVE, BUILDING, RETIRED, UPSTASH, Generation, IndexedDocument
from webapp.search.stores import Away, StoreError, store_for_new, store_of
from webapp.search.stores.base import refuse_wrong
from webapp.search.stores.choice import kind_for_new
from webapp.search.stores.chunks import note

log = structlog.get_logger(__name__)

WITHOUT_WORDS = "without words"  # noted in place of a hash
PORTION = 50  # documents in one step of a rebuild


def live(*, hold: bool = False) -> list[Generation]:
    """The one that is searched and the one that is built, the older first; until the transaction ends, when held."""
    found = select(Generation).where(Generation.state.in_((ACTIVE, BUILDING))).order_by(Generation.id)
    found = found.with_for_update() if hold else found
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def fitting(generations: Sequence[Generation], embedder: Embedder) -> list[Generation]:
    """Those of its vectors. Raises WrongVectors when there are generations, and none is."""
    found = [each for each in generations if (each.model, each.dims) == (embedder.model, embedder.dims)]
    if generations and not found:
        refuse_wrong(generations[0], embedder.model, embedder.dims)
    return found


def lacking(generations: Sequence[Generation], content: Content) -> list[Generation]:
    """Those that do not have a document as it is now."""
    return [each for each in generations if _hash_in(each, content) != content.document.content_hash]


def _hash_in(generation: Generation, content: Content) -> str | None:
    key = (generation.id, content.document.collection, content.document.doc_id)
    row = db.session.get(IndexedDocument, key, populate_existing=True)
    return row.content_hash if row else None


def send(generations: Iterable[Generation], content: Content, model: str, vectors: Vectors) -> list[int]:
    """Before put(), without a transaction: to each store that is elsewhere. To which generations it may be put now.

    One that refuses for good keeps it from no other: a new index may be just the way out. Raises StoreError.
    """
    sent, refused = [], None
    for generation in generations:
        try:
            store_of(generation).send(generation, content.document, model, vectors)
            sent.append(generation.id)
        except Away:
            raise
        except StoreError as error:
            log.warning("search.not_sent", generation=generation.id, reason=str(error))
            refused = error
    if refused and not sent:
        raise refused
    return sent


def put(embedder: Embedder, content: Content, vectors: Vectors, sent: Some[int]) -> bool:
    """Into those of these generations that lack it; False when the document is not that any more.

    One that was begun since they were looked up reads the document itself.
    """
    generations = [each for each in live(hold=True) if each.id in sent]
    document = content.document
    collection = SEARCHABLE[document.collection]
    if contents(collection, [document.doc_id]).get(document.doc_id) != content:
        _forget(generations, collection, document.doc_id)
        return False
    for generation in lacking(fitting(generations, embedder), content):
        store_of(generation).write(generation, document, embedder.model, vectors)
    return True


def _forget(generations: Iterable[Generation], collection: Collection, doc_id: int) -> None:
    """What is elsewhere now is not what is noted."""
    for generation in generations:
        if store_of(generation).elsewhere:
            store_of(generation).remove(generation, collection.name, doc_id)


def forget(ids: Mapping[str, Some[int]]) -> None:
    """Of these documents by collection, what is elsewhere is not what is noted; in the caller's transaction."""
    generations = live(hold=True) if any(ids.values()) else []
    for name, some in ids.items():
        for doc_id in some:
            _forget(generations, SEARCHABLE[name], doc_id)


def withdraw(collection: Collection, doc_id: int) -> bool:
    """Before take_out(), without a transaction: from each store elsewhere. Raises Away.

    False when it shall be found after all.
    """
    if contents(collection, [doc_id]).get(doc_id) is not None:
        return False
    for generation in live():
        try:
            store_of(generation).withdraw(generation, collection.name, doc_id)
        except Away:
            raise
        except StoreError as error:  # it is not found all the same, once that is noted
            log.warning("search.not_withdrawn", generation=generation.id, reason=str(error))
    return True


def take_out(collection: Collection, doc_id: int, withdrawn: bool) -> bool:
    """From each live generation; False when it shall be found after all."""
    generations = live(hold=True)
    found = contents(collection, [doc_id])
    if found.get(doc_id) is not None:
        if withdrawn:
            _forget(generations, collection, doc_id)
        return False
    for generation in generations:
        store_of(generation).remove(generation, collection.name, doc_id)
        if doc_id in found:
            note(generation, collection.name, doc_id, WITHOUT_WORDS, 0)  # so that nobody takes it for missing
    return True


def check_room(embedder: Embedder) -> None:
    """Raises StoreError."""
    store_for_new(embedder.dims).check(embedder.dims)


def begin_building(embedder: Embedder) -> int:
    """The id of the generation that is built: one that was left unfinished, if it has the same vectors there."""
    wanted = embedder.model, embedder.dims, kind_for_new(embedder.dims)
    for generation in live(hold=True):
        if generation.state == BUILDING:
            if (generation.model, generation.dims, generation.store) == wanted:
                return generation.id
            _drop(generation)
    model, dims, kind = wanted
    db.session.add(new := Generation(model=model, dims=dims, state=BUILDING, store=kind))
    db.session.flush()
    store_of(new).begin(new, SEARCHABLE)
    return new.id


def portion(collection: Collection, after: int) -> list[int]:
    """The next documents of a collection that shall be found."""
    found = select(collection.model.id).where(collection.model.id > after, collection.by_meaning())
    return list(db.session.scalars(found.order_by(collection.model.id).limit(PORTION)))


def missing_in(generation_id: int, found: Mapping[int, Content | None]) -> list[Content]:
    """Of these, what the generation does not have yet."""
    generation = db.session.get(Generation, generation_id)
    return [content for content in found.values() if generation and content and lacking([generation], content)]


def send_all(generation_id: int, embedded: Iterable[tuple[Content, Vectors]]) -> None:
    """As send(), before put_all(). Raises StoreError."""
    generation = db.session.get_one(Generation, generation_id)
    for content, vectors in embedded:
        store_of(generation).send(generation, content.document, generation.model, vectors)


def put_all(generation_id: int, collection: Collection, embedded: Iterable[tuple[Content, Vectors]]) -> int:
    """Those that are still the same; how many. What was changed meanwhile has a job of its own.

    Where that one may have sent before we did, there is another.
    """
    generations = [each for each in live(hold=True) if each.id == generation_id]
    embedded = list(embedded)
    now = contents(collection, [content.document.doc_id for content, _ in embedded])
    same = [(each, vectors) for each, vectors in embedded if now.get(each.document.doc_id) == each]
    for generation in generations:
        for content, vectors in same:
            store_of(generation).write(generation, content.document, generation.model, vectors)
        if store_of(generation).elsewhere and len(same) < len(embedded):
            changed = {each.document.doc_id for each, _ in embedded} - {each.document.doc_id for each, _ in same}
            for doc_id in changed:
                _forget([generation], collection, doc_id)
            ask_again(collection, changed)
    return len(same)


def switch_to(generation_id: int) -> None:
    """From here on it is searched; the one before is gone with everything in it."""
    generations = live(hold=True)
    if generation_id not in [each.id for each in generations]:
        return
    for generation in generations:
        if generation.id != generation_id:
            _drop(generation)
    generation = db.session.get_one(Generation, generation_id)
    generation.state, generation.activated_at = ACTIVE, generation.activated_at or utcnow()
    db.session.flush()


def _drop(generation: Generation) -> None:
    """The row stays, to tell which there were."""
    store_of(generation).drop(generation)
    generation.state = RETIRED
    db.session.flush()  # its state is free for another


def clear() -> None:
    """What former generations left elsewhere, after the switch. Raises StoreError."""
    former = select(Generation).where(Generation.state == RETIRED, Generation.store == UPSTASH)
    generations = list(db.session.scalars(former))
    if generations and current_app.config["SETTINGS"].upstash_vector_rest_url:
        store_of(generations[0]).clear(generations)
