"""The page behind a one-time link: its person chooses a name and a password, and is signed in."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp.admin import asked
from webapp.admin.session import LARGEST_FORM, begin
from webapp.extensions import limiter
from webapp.models.invite import Invite, UselessLink, accept, open_invite
from webapp.models.user import LONGEST_NAME, UnfitAccount
from webapp.security import PUBLIC, access

blueprint = Blueprint("invite", __name__, url_prefix="/admin/invite")

TOO_MANY = "Too many tries. Wait a minute and try again."


class InviteForm(FlaskForm):
    name = StringField(
        "Your name",
        [Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} characters or fewer for the name.")],
        filters=[lambda typed: typed and asked.plain(typed).strip()],
    )
    password = PasswordField(
        "Password",
        [InputRequired("Choose a password."), Length(max=1000, message="This is too long for a password.")],
    )


@blueprint.url_value_preprocessor
def expect_small_forms(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    request.max_content_length = LARGEST_FORM


@blueprint.errorhandler(UselessLink)
def tell_why(useless: UselessLink) -> ResponseReturnValue:
    return render_template("people/useless_link.html", words=str(useless)), 410


@blueprint.get("")
@access(PUBLIC)
@limiter.limit("60 per minute", error_message=TOO_MANY)
def open_link() -> ResponseReturnValue:
    """The key is in the query, which no log of ours holds."""
    key = request.args.get("key", "")
    invite = open_invite(key)
    return page(InviteForm(name=invite.user.full_name), invite, key)


def page(form: InviteForm, invite: Invite, key: str) -> str:
    return render_template("people/invite.html", form=form, person=invite.user, key=key)


@blueprint.post("")
@access(PUBLIC)
@limiter.limit("20 per minute", error_message=TOO_MANY)
def take_link() -> ResponseReturnValue:
    form, key = InviteForm(), request.form.get("key", "")
    invite = open_invite(key)
    if form.validate_on_submit():
        try:
            return begin(accept(key, form.name.data or "", form.password.data or ""))
        except UnfitAccount as unfit:
            form[unfit.field].errors = [str(unfit)]
    return page(form, invite, key), 422
