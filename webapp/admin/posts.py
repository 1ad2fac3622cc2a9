"""Posts: the list, the one form of a post, and the trash."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.admin import asked
from webapp.admin.in_trash import in_trash, words_for_back
from webapp.admin.page_list import names_of_deleters
from webapp.admin.post_differences import differences
from webapp.admin.post_form import PostForm, errors_of, form_of, pressed_button, typed_form
from webapp.admin.post_list import SORTS, asked_filters, find_posts
from webapp.admin.saved_words import Seen, news, words_for_schedule
from webapp.database import db
from webapp.models.finding_posts import known_post_tags
from webapp.models.media import Media
from webapp.models.post import (
    Post,
    PostConflict,
    UnfitPost,
    create_post,
    live_post,
    restore_post,
    save_post,
    trash_post,
)
from webapp.models.publishing import publication_of
from webapp.models.user import User
from webapp.security import EDITOR, access

blueprint = Blueprint("posts", __name__, url_prefix="/admin/posts")
asked.refuse_impossible_ids(blueprint)

POSTS_A_LIST = 30


@blueprint.get("")
def index() -> str:
    trash, filters = request.args.get("trash") == "1", asked_filters()
    found = asked.paged(find_posts(trash=trash, **filters), POSTS_A_LIST)
    return render_template(
        "posts/index.html",
        found=found,
        trash=trash,
        filters=filters,
        filtered=bool(filters["q"] or filters["tag"] or filters["status"]),
        tags=known_post_tags(),
        sorts={name: label for name, (label, _) in SORTS.items()},
        deleters=names_of_deleters(found.items),
        just_trashed=undone_post(),
    )


def undone_post() -> Post | None:
    post_id = asked.id_in_address("undo")
    post = db.session.get(Post, post_id) if post_id else None
    return post if post and post.deleted_at else None


@blueprint.get("/new")
@access(EDITOR)
def new() -> str:
    return render_template("posts/new.html", title="", slug="", errors={})


@blueprint.post("")
def create() -> ResponseReturnValue:
    title, slug = asked.text("title"), asked.text("slug")
    try:
        post = create_post(title, slug, by=current_user.id)
    except UnfitPost as unfit:
        return render_template("posts/new.html", title=title, slug=slug, errors=unfit.fields), 422
    flash(f"“{post.title}” is made. It is a draft until you publish it.", "success")
    return redirect(url_for("posts.edit", post_id=post.id), 303)


@blueprint.get("/<int:post_id>")
def edit(post_id: int) -> ResponseReturnValue:
    post = db.session.get(Post, post_id)
    if post and post.deleted_at:
        return in_trash(post), 404
    post = live_post(post_id)
    return edit_post(post, form_of(post))


def edit_post(
    post: Post, form: PostForm, *, errors: dict[str, str] | None = None, conflict: PostForm | None = None
) -> str:
    """`conflict` is what was typed when somebody else had saved meanwhile."""
    return render_template(
        "posts/edit.html",
        post=post,
        form=form,
        cover=db.session.get(Media, form.cover_id) if form.cover_id else None,
        errors=errors or {},
        conflict=conflict is not None,
        differences=differences(post, conflict) if conflict else [],
        publication=publication_of(post),
        known_tags=known_post_tags(),
        saved_by=person(post.updated_by),
        trashed_by=person(post.deleted_by),
    )


def person(user_id: int | None) -> User | None:
    return db.session.get(User, user_id) if user_id else None


@blueprint.post("/<int:post_id>")
def save(post_id: int) -> ResponseReturnValue:
    """Whatever button was pressed, what was typed is saved along."""
    typed, action = typed_form(), pressed_button()
    post = db.session.get(Post, post_id)
    if post and post.deleted_at:
        if action != "restore":
            return edit_post(post, typed), 409
        read = post.version
        restored = restore_post(post_id)  # as a draft, which whoever sends this knows
        typed = replace(typed, version=restored.version) if typed.version == read else typed
    before = live_post(post_id)
    seen, moment = seen_of(before), before.publish_at
    try:
        post = save_post(post_id, typed.version, typed.changes_of(before, action), by=current_user.id)
    except PostConflict as conflict:
        form = form_over(conflict.post, typed)
        return edit_post(conflict.post, form, conflict=typed), 409
    except UnfitPost as unfit:
        return edit_post(live_post(post_id), typed, errors=errors_of(unfit)), 422
    if action == "preview":
        return redirect(url_for("site.post_preview", post_id=post_id), 303)
    words = words_for_schedule(post.publish_at, moment) or news(seen, seen_of(post))
    if action == "choose-cover":
        return choose_cover(post_id, words)
    flash(words or ("Saved, without a cover." if action == "remove-cover" else "Saved."), "success")
    return redirect(url_for("posts.edit", post_id=post_id), 303)


def seen_of(post: Post) -> Seen:
    return Seen(post.is_public, url_for("site.post", slug=post.slug))


def choose_cover(post_id: int, words: str | None) -> ResponseReturnValue:
    if words:
        flash(words, "success")
    return redirect(url_for("post_cover.choose", post_id=post_id), 303)


def form_over(post: Post, typed: PostForm) -> PostForm:
    """What was typed, to be saved over what somebody else saved, when the editor says so."""
    return PostForm(**{**vars(typed), "version": post.version})


@blueprint.post("/<int:post_id>/trash")
def trash(post_id: int) -> ResponseReturnValue:
    post = db.session.get(Post, post_id)
    if post is None or post.deleted_at is None:
        trash_post(post_id, by=current_user.id)
    return redirect(url_for("posts.index", undo=post_id), 303)


@blueprint.post("/<int:post_id>/restore")
def restore(post_id: int) -> ResponseReturnValue:
    post = db.session.get(Post, post_id)
    if post is None or post.deleted_at is not None:
        post = restore_post(post_id, as_it_was="undo" in request.form)
        flash(words_for_back(post), "success")
    return redirect(url_for("posts.edit", post_id=post_id), 303)
