"""A new file of a request for a picture that is there."""

from __future__ import annotations

from werkzeug.datastructures import FileStorage

from webapp.models.lost_file import bring_back
from webapp.models.media import Media, live_media
from webapp.models.replacing import SameBytes, replace_file
from webapp.storage import storage
from webapp.uploads import Refused, check_and_keep, clean_filename


def take_replacement(media_id: int, file: FileStorage, *, by: int | None = None) -> Media:
    """Check the file, keep it and make it the picture's. Raises LookupError and Refused, and then changes nothing."""
    live_media(media_id)
    filename = clean_filename(file.filename)
    stored, facts = check_and_keep(file, filename)
    try:
        media, _job = replace_file(media_id, stored, facts, filename=filename, by=by)
    except SameBytes as found:
        if found.itself and bring_back(found.media, stored):
            return found.media
        storage().delete(stored.key)
        raise Refused(words_for_same(filename, found), 409) from found
    except LookupError:  # it went to the trash in this very moment
        storage().delete(stored.key)
        raise
    return media


def words_for_same(filename: str, found: SameBytes) -> str:
    if found.itself:
        return f"{filename} is the file that this picture has already. Nothing was changed."
    where = "in the trash" if found.media.deleted_at else "in the library"
    return f"{filename} is {where} already, as {found.media.title}. Nothing was changed."
