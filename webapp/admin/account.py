"""The own account: name, password, where one is signed in, API tokens. In a browser only, for whoever is signed in."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp.admin import asked
from webapp.admin.session import end_running_session
from webapp.database import utcnow
from webapp.extensions import limiter
from webapp.models import account
from webapp.models.user import LONGEST_NAME, SEEN_AGAIN, UnfitAccount, digest
from webapp.security import VIEWER, access, is_known_by_bearer

blueprint = Blueprint("account", __name__, url_prefix="/admin/account")

TOO_MANY = "Too many tries. Wait a minute and try again."
TOO_LONG = Length(max=1000, message="This is too long for a password.")
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrom": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "iPhone|iPad": "iOS",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS|Macintosh": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def typed_text(typed: str | None) -> str:
    return asked.plain(typed or "").strip()


class NameForm(FlaskForm):
    name = StringField("Name", filters=[typed_text])


class PasswordForm(FlaskForm):
    current = PasswordField("Current password", [InputRequired("Enter your current password."), TOO_LONG])
    password = PasswordField("New password", [InputRequired("Choose a new password."), TOO_LONG])


class TokenForm(FlaskForm):
    purpose = StringField("What is it for?", filters=[typed_text])


@blueprint.before_request
def refuse_tokens() -> None:
    """Who holds a stolen token shall make no further ones."""
    if is_known_by_bearer():
        abort(403, "Sign in with a browser for this; an API token can't change the account it belongs to.")


@blueprint.get("")
@access(VIEWER)
def show() -> str:
    return page()


def page(form: FlaskForm | None = None) -> str:
    """With the words of the form that was sent, if one was."""
    forms = {NameForm: NameForm(formdata=None, name=current_user.full_name)}
    forms |= {kind: kind(formdata=None) for kind in (PasswordForm, TokenForm)}
    if form is not None:
        forms[type(form)] = form
    return render_template(
        "account/show.html",
        sent=form,
        name_form=forms[NameForm],
        password_form=forms[PasswordForm],
        token_form=forms[TokenForm],
        sign_ins=account.sign_ins_of(current_user.id),
        here_id=digest(current_user.session_token),
        tokens=account.tokens_of(current_user.id),
        title_of=account.title_of,
        longest_name=LONGEST_NAME,
    )


@blueprint.post("/name")
@access(VIEWER)
def change_name() -> ResponseReturnValue:
    form = NameForm()
    try:
        account.change_name(current_user.id, form.name.data or "")
    except UnfitAccount as unfit:
        return refused(form, unfit)
    flash("Saved.", "success")
    return redirect(url_for(".show"), 303)


def refused(form: FlaskForm, unfit: UnfitAccount) -> ResponseReturnValue:
    form[unfit.field].errors = [str(unfit)]
    return page(form), 422


@blueprint.post("/password")
@access(VIEWER)
@limiter.limit("10 per minute", key_func=lambda: f"password of {current_user.id}", error_message=TOO_MANY)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate():
        return page(form), 422
    typed = form.current.data or "", form.password.data or ""
    try:
        account.change_password(current_user, *typed)
    except UnfitAccount as unfit:
        return refused(form, unfit)
    login_user(current_user)
    flash("Your password is changed. Every other device is signed out.", "success")
    return redirect(url_for(".show"), 303)


@blueprint.post("/sign-out-everywhere")
@access(VIEWER)
def sign_out_everywhere() -> ResponseReturnValue:
    account.sign_out_everywhere(current_user.id)
    end_running_session()
    flash("You are signed out on every device, this one too.", "success")
    return redirect(url_for("session.sign_in"), 303)


@blueprint.post("/tokens")
@access(VIEWER)
def make_token() -> ResponseReturnValue:
    """The answer itself shows the token, so that it lies nowhere in between."""
    form = TokenForm()
    try:
        token = account.make_token(current_user, form.purpose.data or "")
    except UnfitAccount as unfit:
        return refused(form, unfit)
    return render_template("account/token.html", token=token, name=form.purpose.data), 201


@blueprint.post("/tokens/revoke")
@access(VIEWER)
def revoke_token() -> ResponseReturnValue:
    name = account.revoke_token(current_user.id, asked.plain(request.form.get("token", "")))
    if name is not None:
        flash(f"The token “{name}” is revoked. Whatever used it is refused from now on.", "success")
    return redirect(url_for(".show"), 303)


@blueprint.app_template_test()
def of_the_last_hour(seen_at: datetime) -> bool:
    """Whoever was seen half an hour ago may be here now: it is written down no oftener."""
    return seen_at > utcnow() - 2 * SEEN_AGAIN


@blueprint.app_template_filter()
def device(agent: str | None) -> str:
    """Of what a browser says of itself: "Firefox on Linux"."""
    browser = next((name for pattern, name in BROWSERS.items() if re.search(pattern, agent or "")), None)
    system = next((name for pattern, name in SYSTEMS.items() if re.search(pattern, agent or "")), None)
    return " on ".join(filter(None, (browser, system))) or "Unknown device"
