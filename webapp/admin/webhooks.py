"""Webhooks: which other programs are told of what, and how that went. For admins."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import func, select

from webapp.admin import asked
from webapp.admin.job_views import JobView, names_of, views_of
from webapp.database import db
from webapp.jobs import Job
from webapp.models import webhook as webhooks
from webapp.models.webhook import EVENTS, UnfitWebhook, Webhook, find_webhook
from webapp.security import ADMIN, access

blueprint = Blueprint("webhooks", __name__, url_prefix="/admin/webhooks")
asked.refuse_impossible_ids(blueprint)

DELIVERIES_SHOWN = 20


@blueprint.get("")
@access(ADMIN)
def index() -> str:
    found = list(db.session.scalars(select(Webhook).order_by(Webhook.id)))
    return render_template("webhooks/index.html", webhooks=found, last=last_deliveries(found), events=EVENTS)


def last_deliveries(found: list[Webhook]) -> dict[str, JobView]:
    """The newest of each, by the webhook's subject."""
    newest = select(func.max(Job.id)).where(Job.subject.in_([webhook.subject for webhook in found]))
    jobs = db.session.scalars(select(Job).where(Job.id.in_(newest.group_by(Job.subject)))).all()
    return {view.job.subject or "": view for view in views_of(jobs)}


@blueprint.get("/new")
@access(ADMIN)
def new() -> str:
    return render_template("webhooks/new.html", url="", chosen=list(EVENTS), events=EVENTS, errors={})


@blueprint.post("")
@access(ADMIN)
def create() -> ResponseReturnValue:
    """The answer itself shows the secret, so that it lies nowhere in between."""
    url, chosen = asked.text("url"), request.form.getlist("events")
    try:
        made = webhooks.create_webhook(url, chosen, by=current_user.id)
    except UnfitWebhook as unfit:
        page = render_template("webhooks/new.html", url=url, chosen=chosen, events=EVENTS, errors=unfit.fields)
        return page, 422
    return render_template("webhooks/made.html", webhook=made, secret=made.secret), 201


@blueprint.get("/<int:webhook_id>")
@access(ADMIN)
def show(webhook_id: int) -> str:
    webhook = find_webhook(webhook_id)
    added_by = names_of({webhook.created_by} if webhook.created_by else set()).get(webhook.created_by or 0)
    return render_template(
        "webhooks/show.html", webhook=webhook, added_by=added_by, events=EVENTS, **recent_deliveries(webhook)
    )


@blueprint.get("/<int:webhook_id>/deliveries")
@access(ADMIN)
def deliveries(webhook_id: int) -> str:
    webhook = find_webhook(webhook_id)
    return render_template("webhooks/_deliveries.html", webhook=webhook, **recent_deliveries(webhook))


def recent_deliveries(webhook: Webhook) -> dict[str, object]:
    newest = select(Job).where(Job.subject == webhook.subject).order_by(Job.id.desc()).limit(DELIVERIES_SHOWN)
    views = views_of(db.session.scalars(newest).all())
    return {"views": views, "moving": not all(view.job.settled for view in views)}


@blueprint.post("/<int:webhook_id>/switch")
@access(ADMIN)
def switch(webhook_id: int) -> ResponseReturnValue:
    on = asked.text("on") == "1"
    webhook = webhooks.switch_webhook(webhook_id, on)
    flash(f"{webhook.title} is told of events again." if on else f"{webhook.title} is no longer told.", "success")
    return redirect(url_for(".show", webhook_id=webhook_id), 303)


@blueprint.post("/<int:webhook_id>/test")
@access(ADMIN)
def test(webhook_id: int) -> ResponseReturnValue:
    webhook = find_webhook(webhook_id)
    if webhook.active:
        webhooks.send_test(webhook, by=current_user.id)
        flash("A test is on its way. What becomes of it is shown below.", "success")
    else:
        flash("This webhook is switched off. Switch it on to send a test.", "warning")
    return redirect(url_for(".show", webhook_id=webhook_id), 303)


@blueprint.post("/<int:webhook_id>/remove")
@access(ADMIN)
def remove(webhook_id: int) -> ResponseReturnValue:
    if db.session.get(Webhook, webhook_id) is not None:
        webhooks.remove_webhook(webhook_id)
        flash("The webhook is removed.", "success")
    return redirect(url_for(".index"), 303)
