"""The last sync of a gallery, its undo, and the way back."""

from __future__ import annotations

from flask import flash
from flask.typing import ResponseReturnValue

from webapp.admin.galleries import back_to, blueprint
from webapp.models.last_sync import last_sync, show_again, undo_sync
from webapp.models.progress import counted

blueprint.add_app_template_global(last_sync)


@blueprint.post("/<int:gallery_id>/syncs/<int:job_id>/undo")
def undo_one_sync(gallery_id: int, job_id: int) -> ResponseReturnValue:
    hidden = undo_sync(gallery_id, job_id)
    flash(f"Undone: {counted(hidden, 'picture is', 'pictures are')} hidden from this gallery.", "success")
    return back_to(gallery_id)


@blueprint.post("/<int:gallery_id>/syncs/<int:job_id>/show")
def show_sync_again(gallery_id: int, job_id: int) -> ResponseReturnValue:
    shown = show_again(gallery_id, job_id)
    flash(f"{counted(shown, 'picture is', 'pictures are')} shown again.", "success")
    return back_to(gallery_id)
