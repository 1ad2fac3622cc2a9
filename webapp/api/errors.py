"""What the models refuse, as the contract's JSON."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from webapp.api.http import MAX_FIELDS_NAMED, Unfit, api
from webapp.errors import answer_error
from webapp.jobs import AccessDenied, BadFilter, BadInput, UnknownQueue, UnknownTask, WrongState
from webapp.models.page import PageConflict, UnfitPage
from webapp.models.post import PostConflict, UnfitPost
from webapp.models.rule import UnfitRule
from webapp.validation import sentence


@api.errorhandler(Unfit)
def answer_unfit(error: Unfit) -> ResponseReturnValue:
    return answer_error(error.code, str(error), error.fields)


@api.errorhandler(UnfitPage)
@api.errorhandler(UnfitPost)
@api.errorhandler(UnfitRule)
def answer_unfit_page(error: UnfitPage | UnfitPost | UnfitRule) -> ResponseReturnValue:
    return answer_error(422, str(error), error.fields)


@api.errorhandler(PageConflict)
def answer_page_conflict(error: PageConflict) -> ResponseReturnValue:
    return answer_conflict(error, "page", error.page.version)


@api.errorhandler(PostConflict)
def answer_post_conflict(error: PostConflict) -> ResponseReturnValue:
    return answer_conflict(error, "post", error.post.version)


def answer_conflict(error: Exception, what: str, now: int) -> ResponseReturnValue:
    fields = {"version": f"The {what} is at version {now} now. Read it again, and send that version."}
    return jsonify(success=False, error=str(error), fields=fields, version=now), 409


@api.errorhandler(WrongState)
def answer_wrong_state(error: WrongState) -> ResponseReturnValue:
    return answer_error(409, str(error))


@api.errorhandler(AccessDenied)
def answer_denied(error: AccessDenied) -> ResponseReturnValue:
    return answer_error(403, str(error))


@api.errorhandler(BadInput)
def answer_bad_input(error: BadInput) -> ResponseReturnValue:
    wrong = list(error.fields.items())[:MAX_FIELDS_NAMED]
    fields = {name if name == "input" else f"input.{name}": words for name, words in wrong}
    return answer_error(422, " ".join(f"{name}: {sentence(words)}" for name, words in fields.items()), fields)


@api.errorhandler(BadFilter)
@api.errorhandler(UnknownQueue)
@api.errorhandler(UnknownTask)
def answer_unknown_name(error: BadFilter | UnknownQueue | UnknownTask) -> ResponseReturnValue:
    field = "where" if isinstance(error, BadFilter) else "queue" if isinstance(error, UnknownQueue) else "taskSlug"
    return answer_error(422, str(error), {field: str(error)})


@api.errorhandler(IntegrityError)
def answer_collision(_error: IntegrityError) -> ResponseReturnValue:
    """Two requests were checked at the same moment and only one could be stored."""
    return answer_error(409, "Somebody else changed the same thing at this moment. Try again.")
