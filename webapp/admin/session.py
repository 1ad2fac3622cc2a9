"""Signing in and out, and the first start."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from webapp import kept_forms
from webapp.extensions import limiter
from webapp.models import user as users
from webapp.models.user import UnfitAccount, User
from webapp.security import PUBLIC, SignedOutMeanwhile, access, came_from_here, is_local_path, referring_path

blueprint = Blueprint("session", __name__, url_prefix="/admin")

LARGEST_FORM = 64 * 1024  # bytes; anybody may send it
NO_SUCH_ACCOUNT = "This e-mail address and password don't belong together. Check both and try again."
TOO_MANY = "Too many tries to sign in. Wait a minute and try again."
SIGNED_OUT = "You were signed out. Sign in, and send the form again."
KEPT = "What you typed is kept."
NOT_KEPT = "Files and long texts can't be kept meanwhile: go back and copy what you typed first."
SIGNED_IN_AGAIN = "You are signed in again."


class AccountForm(FlaskForm):
    email = EmailField(
        "E-mail address",
        [InputRequired("Enter your e-mail address."), Length(max=254, message="This is too long for an address.")],
        filters=[lambda typed: typed and typed.replace("\0", "")],
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=1000, message="This is too long for a password.")],
    )

    @property
    def typed(self) -> tuple[str, str]:
        return self.email.data or "", self.password.data or ""


@blueprint.url_value_preprocessor
def expect_small_forms(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    request.max_content_length = LARGEST_FORM


@blueprint.get("/sign-in")
@access(PUBLIC)
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(wanted_page())
    if not users.there_are_users():
        return redirect(url_for(".first_start"))
    return render_template("session/sign_in.html", form=AccountForm(), next=request.args.get("next"))


@blueprint.app_errorhandler(SignedOutMeanwhile)
def ask_in_the_middle(_: SignedOutMeanwhile) -> ResponseReturnValue:
    """The page to sign in carries the form that was sent; one that is too large for it leads back to where it stood."""
    form, page = kept_forms.small_sent_form(), referring_path()
    kept = kept_forms.seal(form) if form else None
    flash(f"{SIGNED_OUT} {KEPT if kept else NOT_KEPT}", "warning")
    if kept is None:
        return redirect(url_for("session.sign_in", next=page))
    return render_template("session/sign_in.html", form=AccountForm(formdata=None), next=page, kept=kept), 401


@blueprint.post("/sign-in")
@access(PUBLIC)
@limiter.limit("60 per minute", error_message=TOO_MANY)
def check_sign_in() -> ResponseReturnValue:
    form = AccountForm()
    status = 422
    if form.validate_on_submit():
        user = user_of(*form.typed)
        if user is not None:
            return go_on(user)
        users.note_failed_sign_in(form.typed[0])
        status, form.form_errors = 401, [NO_SUCH_ACCOUNT]
    sent = {name: request.form.get(name) for name in ("next", "kept")}
    return render_template("session/sign_in.html", form=form, **sent), status


def user_of(email: str, password: str) -> User | None:
    """Counts the tries for this account from this address, so that nobody is locked out from elsewhere."""
    key = f"{email.strip().lower()} {get_remote_address()}"
    with limiter.limit("10 per minute", key_func=lambda: key, error_message=TOO_MANY):
        return users.user_with_password(email, password)


def go_on(user: User) -> ResponseReturnValue:
    """With the form that was sent when the session before had ended, if there was one."""
    kept = kept_forms.unseal(request.form.get("kept", "")) if came_from_here() else None
    answer = begin(user)
    return kept_forms.send_again(kept, SIGNED_IN_AGAIN) if kept else answer


def begin(user: User) -> ResponseReturnValue:
    """Nothing of the session before lives on, so nobody can have planted it."""
    after = wanted_page()
    end_running_session()
    users.start_session(user, agent=request.user_agent.string.replace("\0", ""))
    session.permanent = True
    login_user(user)
    return redirect(after, 303)


def end_running_session() -> None:
    if token := session.get("_user_id"):
        users.end_session(token)
    logout_user()
    session.clear()
    g.pop("csrf_token", None)  # it was made for the session that ends


def wanted_page() -> str:
    target = request.values.get("next")
    return target if target and is_local_path(target) else url_for("home.index")


@blueprint.post("/sign-out")
@access(PUBLIC)
def sign_out() -> ResponseReturnValue:
    end_running_session()
    flash("You are signed out.", "success")
    return redirect(url_for(".sign_in"), 303)


@blueprint.get("/first-start")
@access(PUBLIC)
def first_start() -> ResponseReturnValue:
    if users.there_are_users():
        return redirect(url_for("home.index"))
    return render_template("session/first_start.html", form=AccountForm())


@blueprint.post("/first-start")
@access(PUBLIC)
@limiter.limit("20 per minute", error_message=TOO_MANY)
def make_first_account() -> ResponseReturnValue:
    form = AccountForm()
    if form.validate_on_submit():
        try:
            return begin(users.create_first_admin(*form.typed))
        except UnfitAccount as unfit:
            form[unfit.field].errors = [str(unfit)]
    return render_template("session/first_start.html", form=form), 422
