"""People: who may come in, as what, and links with which they choose a password. For admins."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Select, func, select

from webapp.admin import asked
from webapp.database import db
from webapp.models import people
from webapp.models.invite import OPEN_FOR, invite_person, new_link
from webapp.models.people import NotAllowed, find_person
from webapp.models.user import EDITOR, ROLES, ApiToken, SignIn, UnfitAccount, User
from webapp.security import ADMIN, access
from webapp.site.addresses import in_full

blueprint = Blueprint("people", __name__, url_prefix="/admin/people")
asked.refuse_impossible_ids(blueprint)

PEOPLE_A_LIST = 50
WHAT_THEY_MAY = {
    "viewer": "sees pictures, pages, posts and jobs, and changes nothing",
    "editor": "uploads pictures, and edits pages, galleries and posts",
    "admin": "does everything, also people, webhooks and queues",
}


@blueprint.get("")
@access(ADMIN)
def index() -> str:
    found = asked.paged(everybody(), PEOPLE_A_LIST)
    return render_template("people/index.html", found=found, tokens=count(ApiToken, [user.id for user in found.items]))


def everybody() -> Select[User]:
    """Those who can come in first, by the name that is shown."""
    name = func.coalesce(func.nullif(User.full_name, ""), User.email)
    return select(User).order_by(User.active.desc(), func.lower(name), User.email)


def count(model: type[ApiToken] | type[SignIn], user_ids: list[int]) -> dict[int, int]:
    """How many rows each of these people has; those without any are left out."""
    counted = select(model.user_id, func.count()).where(model.user_id.in_(user_ids)).group_by(model.user_id)
    return dict(db.session.execute(counted).all())


@blueprint.get("/new")
@access(ADMIN)
def new() -> str:
    return form(email="", role=EDITOR, errors={})


def form(email: str, role: str, errors: dict[str, str]) -> str:
    return render_template("people/new.html", email=email, role=role, roles=WHAT_THEY_MAY, errors=errors)


@blueprint.post("")
@access(ADMIN)
def invite() -> ResponseReturnValue:
    """The answer itself shows the link, so that it lies nowhere in between."""
    email, role = asked.text("email"), asked.text("role")
    try:
        user, key = invite_person(email, role)
    except UnfitAccount as unfit:
        return form(email, role if role in ROLES else EDITOR, {unfit.field: str(unfit)}), 422
    return show_link(user, key)


def show_link(user: User, key: str) -> ResponseReturnValue:
    url = in_full(url_for("invite.open_link", key=key)) or url_for("invite.open_link", key=key, _external=True)
    return render_template("people/link.html", person=user, url=url, days=OPEN_FOR.days), 201


@blueprint.get("/<int:user_id>")
@access(ADMIN)
def show(user_id: int) -> str:
    person = find_person(user_id)
    return render_template(
        "people/show.html",
        person=person,
        roles=WHAT_THEY_MAY,
        devices=count(SignIn, [person.id]).get(person.id, 0),
        tokens=count(ApiToken, [person.id]).get(person.id, 0),
    )


@blueprint.post("/<int:user_id>/link")
@access(ADMIN)
def link(user_id: int) -> ResponseReturnValue:
    return show_link(*new_link(user_id))


@blueprint.post("/<int:user_id>/role")
@access(ADMIN)
def role(user_id: int) -> ResponseReturnValue:
    try:
        user = people.change_role(user_id, asked.text("role"))
        flash(f"{user.name} is {'an' if user.role[0] in 'ae' else 'a'} {user.role} now.", "success")
    except (NotAllowed, UnfitAccount) as refused:
        flash(str(refused), "warning")
    if user_id == current_user.id and not find_person(user_id).may_administer:
        return redirect(url_for("home.index"), 303)
    return back_to(user_id)


@blueprint.post("/<int:user_id>/disable")
@access(ADMIN)
def disable(user_id: int) -> ResponseReturnValue:
    try:
        user = people.disable(user_id, by=current_user.id)
        flash(f"{user.name} is disabled: signed out everywhere, and every token has stopped working.", "success")
    except NotAllowed as refused:
        flash(str(refused), "warning")
    return back_to(user_id)


@blueprint.post("/<int:user_id>/enable")
@access(ADMIN)
def enable(user_id: int) -> ResponseReturnValue:
    user = people.enable(user_id)
    flash(f"{user.name} can sign in again. API tokens have to be made anew.", "success")
    return back_to(user_id)


def back_to(user_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", user_id=user_id), 303)
