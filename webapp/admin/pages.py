"""Pages: the list, the one form of a page with its blocks, and the trash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.admin import asked
from webapp.admin.gallery_views import count_hidden, with_pictures
from webapp.admin.in_trash import in_trash, words_for_back
from webapp.admin.page_differences import differences
from webapp.admin.page_form import (
    ADDED,
    REMOVES,
    STEPS,
    UNDO,
    Button,
    PageForm,
    RemovedBlock,
    form_of,
    pressed_button,
    removed_from,
    typed_form,
    typed_removed,
)
from webapp.admin.page_list import SORTS, asked_filters, find_pages, held_by, names_of_deleters
from webapp.admin.saved_words import PUBLISHED, Seen, news, words_for_no_alt
from webapp.extensions import db
from webapp.models import progress
from webapp.models.gallery import Gallery, Item, count_shown, shown_items
from webapp.models.library import count_without_alt
from webapp.models.media import Media
from webapp.models.page import (
    GALLERY,
    Page,
    PageConflict,
    UnfitPage,
    create_page,
    live_page,
    restore_page,
    save_page,
    trash_page,
)
from webapp.models.progress import Progress
from webapp.models.user import User

blueprint = Blueprint("pages", __name__, url_prefix="/admin/pages")
asked.refuse_impossible_ids(blueprint)

PAGES_A_LIST = 30
FIRST_PICTURES = 6


@dataclass(frozen=True)
class Overview:
    """What the page of a gallery says about it."""

    gallery: Gallery
    items: list[Item]
    shown: int
    hidden: int
    lines: list[Progress]


@blueprint.get("")
def index() -> str:
    trash, filters = request.args.get("trash") == "1", asked_filters()
    found = asked.paged(find_pages(trash=trash, **filters), PAGES_A_LIST)
    return render_template(
        "pages/index.html",
        found=found,
        trash=trash,
        filters=filters,
        sorts={name: label for name, (label, _) in SORTS.items()},
        holds=held_by(found.items),
        lines={} if trash else progress.of_many_pages(found.items),
        deleters=names_of_deleters(found.items),
        just_trashed=undone_page(),
    )


def undone_page() -> Page | None:
    page_id = asked.id_in_address("undo")
    page = db.session.get(Page, page_id) if page_id else None
    return page if page and page.deleted_at else None


@blueprint.get("/new")
def new() -> str:
    if not current_user.may_edit:
        abort(403, "Your account may look but not make pages. Ask an admin for the role of editor.")
    return render_template("pages/new.html", title="", slug="", with_gallery=True, errors={})


@blueprint.post("")
def create() -> ResponseReturnValue:
    title, slug, with_gallery = asked.text("title"), asked.text("slug"), "with_gallery" in request.form
    layout = [{"blockType": GALLERY}] if with_gallery else []
    try:
        page = create_page(title, slug, layout=layout, by=current_user.id)
    except UnfitPage as unfit:
        form = {"title": title, "slug": slug, "with_gallery": with_gallery}
        return render_template("pages/new.html", **form, errors=unfit.fields), 422
    flash(f"“{page.title}” is made. It is a draft until you publish it.", "success")
    return redirect(url_for("pages.edit", page_id=page.id), 303)


@blueprint.get("/<int:page_id>")
def edit(page_id: int) -> ResponseReturnValue:
    page = db.session.get(Page, page_id)
    if page and page.deleted_at:
        return in_trash(page), 404
    page = live_page(page_id)
    undo = removed_from(page) if request.args.get("undo") == "1" else []
    return edit_page(page, form_of(page), asking_about=asked.id_in_address("remove"), undo=undo)


def edit_page(
    page: Page,
    form: PageForm,
    *,
    errors: dict[str, str] | None = None,
    conflict: PageForm | None = None,
    asking_about: int | None = None,
    undo: Sequence[RemovedBlock] = (),
) -> str:
    """`conflict` is what was typed when somebody else had saved meanwhile, `undo` what can be brought back."""
    pictures = pictures_of(form, form_of(page))
    return render_template(
        "pages/edit.html",
        page=page,
        form=form,
        errors=errors or {},
        conflict=conflict is not None,
        differences=differences(page, conflict) if conflict else [],
        asking_about=asking_about,
        undo=undo,
        overviews={block.id: overview(block) for block in page.blocks if isinstance(block, Gallery)},
        pictures=pictures,
        troubles=progress.why_not_shown(pictures.values()),
        holds=held_by([page])[page.id],
        lines=progress.of_page(page),
        saved_by=person(page.updated_by),
        trashed_by=person(page.deleted_by),
    )


def person(user_id: int | None) -> User | None:
    return db.session.get(User, user_id) if user_id else None


def pictures_of(*forms: PageForm) -> dict[int, Media]:
    """What the picture blocks show, by id; in the trash too."""
    ids = {block.media_id for form in forms for block in form.blocks if block.media_id}
    wanted = select(Media).where(Media.id.in_(ids)).options(selectinload(Media.renditions))
    return {media.id: media for media in db.session.scalars(wanted)} if ids else {}


def overview(gallery: Gallery) -> Overview:
    first = with_pictures(shown_items(gallery.id)).limit(FIRST_PICTURES)
    return Overview(
        gallery,
        items=list(db.session.scalars(first)),
        shown=count_shown(gallery.id),
        hidden=count_hidden(gallery.id),
        lines=progress.of_gallery(gallery),
    )


@blueprint.post("/<int:page_id>")
def save(page_id: int) -> ResponseReturnValue:
    """Whatever button was pressed, what was typed is saved along."""
    typed, button = typed_form(), pressed_button()
    if button.action == UNDO:
        typed = typed.with_back(typed_removed())
    page = db.session.get(Page, page_id)
    if page and page.deleted_at:
        if button.action != "restore":
            return edit_page(page, typed), 409
        read = page.version
        restored = restore_page(page_id)  # as a draft, which whoever sends this knows
        typed = replace(typed, version=restored.version) if typed.version == read else typed
    asks = button.action == "remove" and holds_pictures(page_id, button.block_id)
    before = live_page(page_id)
    seen, wanted = seen_of(before), typed.over(before)
    if not asks:
        wanted = wanted.after(button)
    try:
        page = save_page(page_id, typed.version, wanted.changes, wanted.layout, by=current_user.id)
    except PageConflict as conflict:
        return edit_page(conflict.page, typed.over(conflict.page), conflict=typed), 409
    except UnfitPage as unfit:
        return edit_page(live_page(page_id), typed, errors=unfit.fields), 422
    words = news(seen, seen_of(page))
    if words and button.action != "preview":  # which shows the page itself
        flash(words, "success")
        if words == PUBLISHED and (count := count_without_alt(page_id)):
            flash(words_for_no_alt(count), "warning")
    return redirect(url_after_saving(page, button, asks, told=bool(words)), 303)


def seen_of(page: Page) -> Seen:
    return Seen(page.is_public, url_for("site.page", slug=page.slug))


def holds_pictures(page_id: int, block_id: int | None) -> bool:
    """Whether removing the block loses an editor's work of hanging pictures."""
    in_gallery = select(Item.media_id).join(Gallery, Gallery.id == Item.gallery_id)
    found = in_gallery.where(Gallery.id == block_id, Gallery.page_id == page_id).limit(1)
    return db.session.scalar(found) is not None


def url_after_saving(page: Page, button: Button, asks: bool, told: bool) -> str:
    """Back to the block that the button was about. `told`: a notice says already that it is saved."""
    edit_url = url_for("pages.edit", page_id=page.id)
    if button.action == "preview":
        return url_for("site.preview", page_id=page.id)
    if button.action in ("choose", "add-picture"):
        block_id = button.block_id if button.action == "choose" else page.blocks[-1].id
        return url_for("page_pictures.choose", page_id=page.id, block_id=block_id)
    if asks:
        return f"{edit_url}?remove={button.block_id}#block-{button.block_id}"
    if button.action in ADDED:
        return f"{edit_url}#block-{page.blocks[-1].id}"
    if button.action in STEPS:
        return f"{edit_url}#block-{button.block_id}"
    if button.action in REMOVES and page.removed:
        return f"{edit_url}?undo=1"
    if button.action == UNDO:
        return back_again(edit_url, page)
    if button.action in REMOVES:
        flash("The block is removed." if told else "Saved, and the block is removed.", "success")
    elif not told:
        flash("Saved.", "success")
    return edit_url


def back_again(edit_url: str, page: Page) -> str:
    """To the block that an undo brought back: made last, so it has the highest id."""
    flash("It is back at its place.", "success")
    return f"{edit_url}#block-{max((block.id for block in page.blocks), default=0)}"


@blueprint.get("/<int:page_id>/status")
def status(page_id: int) -> str:
    page = live_page(page_id)
    return render_template("pages/_progress.html", page=page, lines=progress.of_page(page))


@blueprint.post("/<int:page_id>/trash")
def trash(page_id: int) -> ResponseReturnValue:
    page = db.session.get(Page, page_id)
    if page is None or page.deleted_at is None:
        trash_page(page_id, by=current_user.id)
    return redirect(url_for("pages.index", undo=page_id), 303)


@blueprint.post("/<int:page_id>/restore")
def restore(page_id: int) -> ResponseReturnValue:
    page = db.session.get(Page, page_id)
    if page is None or page.deleted_at is not None:
        page = restore_page(page_id, as_it_was="undo" in request.form)
        flash(words_for_back(page), "success")
    return redirect(url_for("pages.edit", page_id=page_id), 303)
