"""The bytes of a rendition: who gets them, and how long they may be kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.conftest import both_databases
from tests.security.rows import threat
from tests.site.pictures import page_with, upload
from tests.site.posts import change, publish
from webapp.database import utcnow
from webapp.models.gallery import set_hidden
from webapp.models.media import Media, trash_media
from webapp.models.page import DRAFT, save_page, trash_page
from webapp.models.post import create_post, trash_post
from webapp.storage import LocalStorage, storage


def address(media: Media, mime_type: str = "image/webp") -> str:
    return f"/media/{media.renditions_in(mime_type)[0].name}"


@pytest.mark.parametrize("mime_type", ["image/webp", "image/jpeg"])
def test_anybody_may_keep_for_ever_what_is_shown(in_app, anonymous, mime_type):
    media = upload()
    page_with(media)
    response = anonymous.get(address(media, mime_type))
    rendition = media.renditions_in(mime_type)[0]
    assert response.status_code == 200
    assert response.data == storage().open(rendition.storage_key).read()
    assert response.content_length == rendition.filesize
    assert response.headers["Content-Type"] == mime_type
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    assert rendition.storage_key not in str(response.headers)  # which begins as that of the original does


def hide(media: Media, page) -> None:
    set_hidden(page.blocks[0].id, media.id, True)


def unpublish(_media: Media, page) -> None:
    save_page(page.id, page.version, {"status": DRAFT})


OUT_OF_SIGHT = {
    "hidden": hide,
    "in the trash": lambda media, _page: trash_media(media.id),
    "on a draft": unpublish,
    "on a page in the trash": lambda _media, page: trash_page(page.id),
    "on a page that lost its gallery": lambda _media, page: save_page(page.id, page.version, {}, []),
}


@threat(21)
@both_databases
@pytest.mark.parametrize("happened", OUT_OF_SIGHT)
def test_what_is_out_of_sight_is_there_for_the_signed_in_only(in_app, anonymous, viewer, happened):
    media = upload()
    page = page_with(media)
    OUT_OF_SIGHT[happened](media, page)
    refused = anonymous.get(address(media))
    assert refused.status_code == 404
    assert "immutable" not in refused.headers["Cache-Control"]
    response = viewer.get(address(media))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@threat(21)
def test_what_hangs_nowhere_is_there_for_the_signed_in_only(in_app, anonymous, viewer_api):
    media = upload()
    assert anonymous.get(address(media)).status_code == 404
    assert viewer_api.get(address(media)).headers["Cache-Control"].startswith("private")


def is_cover_of_a_draft(media: Media) -> None:
    change(publish("Words", cover_id=media.id), status=DRAFT)


def is_cover_of_a_scheduled_post(media: Media) -> None:
    create_post("Words", cover_id=media.id, status="scheduled", publish_at=utcnow() + timedelta(days=1))


def is_cover_of_a_post_in_the_trash(media: Media) -> None:
    trash_post(publish("Words", cover_id=media.id).id)


def is_cover_no_longer(media: Media) -> None:
    change(publish("Words", cover_id=media.id), cover_id=None)


def is_cover_and_in_the_trash(media: Media) -> None:
    publish("Words", cover_id=media.id)
    trash_media(media.id)


@both_databases
def test_anybody_may_see_the_cover_of_a_published_post(in_app, anonymous):
    media = upload()
    publish("Words", cover_id=media.id)
    response = anonymous.get(address(media))
    assert response.status_code == 200
    assert response.headers["Cache-Control"].startswith("public")


@threat(21)
@both_databases
@pytest.mark.parametrize(
    "happened",
    [
        is_cover_of_a_draft,
        is_cover_of_a_scheduled_post,
        is_cover_of_a_post_in_the_trash,
        is_cover_no_longer,
        is_cover_and_in_the_trash,
    ],
)
def test_the_cover_of_what_is_not_public_is_there_for_the_signed_in_only(in_app, anonymous, viewer, happened):
    media = upload()
    happened(media)
    assert anonymous.get(address(media)).status_code == 404
    assert viewer.get(address(media)).headers["Cache-Control"].startswith("private")


def test_no_shared_cache_keeps_what_a_signed_in_person_fetched(in_app, viewer):
    media = upload()
    page_with(media)
    assert viewer.get(address(media)).headers["Cache-Control"].startswith("private")


def test_is_not_sent_again_to_whoever_has_it(in_app, anonymous):
    media = upload()
    page_with(media)
    etag = anonymous.get(address(media)).headers["ETag"]
    again = anonymous.get(address(media), headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_can_be_asked_for(in_app, anonymous):
    media = upload()
    page_with(media)
    whole = anonymous.get(address(media)).data
    part = anonymous.get(address(media), headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.data) == (206, whole[4:10])
    assert anonymous.get(address(media), headers={"Range": "bytes=99999999-"}).status_code == 416


def test_head_tells_the_size_without_the_bytes(in_app, anonymous):
    media = upload()
    page_with(media)
    response = anonymous.head(address(media))
    assert (response.status_code, response.data) == (200, b"")
    assert response.content_length == media.renditions_in("image/webp")[0].filesize


@pytest.mark.parametrize("name", ["1-2-3.webp", "..", "..%2f..%2fsecret_key", "%00", "a" * 200, "猫.webp"])
def test_what_is_not_there_is_a_404(in_app, viewer, name):
    assert viewer.get(f"/media/{name}").status_code == 404


def test_a_missing_file_is_a_404_and_told_to_whoever_runs_it(in_app, anonymous):
    media = upload()
    page_with(media)
    missing = media.renditions_in("image/webp")[0].storage_key
    storage().delete(missing)
    with capture_logs() as lines:
        assert anonymous.get(address(media)).status_code == 404
    assert [line["key"] for line in lines if line["event"] == "storage.file_missing"] == [missing]


class FarStorage(LocalStorage):
    """Files that don't lie on this machine, as those in a bucket."""

    def local_path(self, key: str) -> None:
        return None


def test_files_that_lie_elsewhere_are_passed_on(in_app, anonymous):
    media = upload()
    page_with(media)
    near = anonymous.get(address(media))
    in_app.extensions["gallerist_storage"] = FarStorage(storage().folder)
    far = anonymous.get(address(media))
    for name in ("Content-Type", "Content-Length", "Cache-Control", "ETag"):
        assert far.headers[name] == near.headers[name]
    assert far.data == near.data
    assert anonymous.get(address(media), headers={"If-None-Match": far.headers["ETag"]}).status_code == 304
    assert anonymous.head(address(media)).content_length == len(near.data)
    storage().delete(media.renditions_in("image/webp")[0].storage_key)
    assert anonymous.get(address(media)).status_code == 404


def test_only_reads(in_app, anonymous, editor_api):
    media = upload()
    assert editor_api.delete(address(media)).status_code == 405
    assert anonymous.delete(address(media)).status_code in (400, 405)
