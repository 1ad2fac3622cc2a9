"""What an editor says of one picture: its words, its focal point; and what its file says."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from tests.admin.conftest import HUGE, NAUGHTY, file, fresh, results_of, work_off
from webapp.models.gallery import add_item
from webapp.models.media import Media
from webapp.models.media_words import change_media
from webapp.models.page import create_page


def test_a_new_picture_needs_alt_text_and_its_name_is_none(editor, post, in_app):
    answer = post(editor, "/admin/media", files=file("harbour.jpg"))
    assert "Needs alt text" in answer.text
    media = results_of(Media)[0]
    assert media.alt == ""
    for path in ("", f"/{media.id}", f"/{media.id}/status?part=card"):
        assert "Needs alt text" in editor.get(f"/admin/media{path}").text
    assert 'name="alt" rows="2"  aria-describedby="alt-help"></textarea>' in editor.get(f"/admin/media/{media.id}").text


def test_a_long_alt_text_is_shortened_where_it_names_the_picture(editor, post, media):
    long = "word " * 1000
    post(editor, f"/admin/media/{media.id}", alt=long)
    html = editor.get(f"/admin/media/{media.id}").text
    assert f">{long.strip()}</textarea>" in html
    (heading,) = re.findall(r"<h1>(.*?)</h1>", html)
    assert len(heading) <= 150 and heading.endswith("word…")


def opened(client, media: Media) -> dict[str, str]:
    """All fields of the form as a browser would send them back."""
    html = client.get(f"/admin/media/{media.id}").text
    found = dict(re.findall(r'name="(was_\w+)" value="([^"]*)"', html))
    return found | {name: found[f"was_{name}"] for name in ("alt", "caption", "credit", "tags", "decorative")}


def test_what_another_has_written_meanwhile_is_not_overwritten(editor, post, media):
    first, second = opened(editor, media), opened(editor, media)
    post(editor, f"/admin/media/{media.id}", **first | {"alt": "Boats at dawn", "tags": "sea"})
    assert post(editor, f"/admin/media/{media.id}", **second | {"credit": "Ann"}).status_code == 303
    saved = fresh(Media, media.id)
    assert (saved.alt, saved.tags, saved.credit) == ("Boats at dawn", ["sea"], "Ann")


def test_what_two_have_written_is_said_and_saved_when_it_is_sent_again(editor, post, media):
    first, second = opened(editor, media), opened(editor, media)
    post(editor, f"/admin/media/{media.id}", **first | {"alt": "Boats", "decorative": ["0"]})
    mine = {"alt": "Ships", "credit": "Ann"}
    answer = post(editor, f"/admin/media/{media.id}", **second | mine)
    assert answer.status_code == 422
    assert "Somebody else has meanwhile made this “Boats”." in answer.text
    assert ">Ships</textarea>" in answer.text
    assert (fresh(Media, media.id).alt, fresh(Media, media.id).credit) == ("Boats", "")
    again = dict(re.findall(r'name="(was_\w+)" value="([^"]*)"', answer.text))
    assert post(editor, f"/admin/media/{media.id}", **second | mine | again).status_code == 303
    assert (fresh(Media, media.id).alt, fresh(Media, media.id).credit) == ("Ships", "Ann")


@pytest.mark.parametrize("fields", [{"alt": "Boats"}, {"decorative": ["0", "1"]}])
def test_alt_text_or_decorative_is_enough(editor, post, media, fields):
    post(editor, f"/admin/media/{media.id}", **fields)
    assert not fresh(Media, media.id).needs_alt
    for path in ("", f"/{media.id}", f"/{media.id}/status?part=card"):
        assert "Needs alt text" not in editor.get(f"/admin/media{path}").text


def test_saving_other_words_says_that_alt_text_is_still_needed(editor, post, media):
    answer = post(editor, f"/admin/media/{media.id}", caption="At dawn")
    assert "Saved. It still needs alt text." in editor.get(answer.location).text


def test_decorative_and_alt_text_at_once_are_told_and_what_was_typed_is_kept(editor, post, media):
    typed = {"alt": "Boats", "decorative": ["0", "1"], "caption": "At dawn", "credit": "Ann", "tags": "sea"}
    answer = post(editor, f"/admin/media/{media.id}", **typed)
    assert answer.status_code == 422
    assert '<a href="#alt">Write alt text or say that it is decorative, not both.</a>' in answer.text
    assert ">Boats</textarea>" in answer.text and ">At dawn</textarea>" in answer.text
    assert 'value="Ann"' in answer.text and 'value="sea"' in answer.text
    assert 'value="1" checked' in answer.text
    assert fresh(Media, media.id).caption == ""


def test_alt_text_and_decorative_take_each_other_away(editor, post, media):
    post(editor, f"/admin/media/{media.id}", decorative=["0", "1"])
    post(editor, f"/admin/media/{media.id}", alt="Boats")
    assert (fresh(Media, media.id).alt, fresh(Media, media.id).decorative) == ("Boats", False)
    post(editor, f"/admin/media/{media.id}", alt="", decorative=["0", "1"])
    assert (fresh(Media, media.id).alt, fresh(Media, media.id).decorative) == ("", True)
    post(editor, f"/admin/media/{media.id}", alt="", decorative="0")
    assert fresh(Media, media.id).needs_alt


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("alt", "x" * 10_001),
        ("caption", "x" * 10_001),
        ("credit", "x" * 501),
        ("tags", "a," * 101),
        ("focal_x", "101"),
        ("focal_y", "-1"),
        ("focal_x", "left"),
        ("focal_y", ""),
        ("focal_x", str(HUGE)),
        ("focal_x", "²"),
        ("focal_y", "1.5"),
        ("focal_y", NAUGHTY),
    ],
)
def test_what_does_not_fit_is_told_with_a_link_to_its_field(editor, post, media, field, typed):
    answer = post(editor, f"/admin/media/{media.id}", **{field: typed})
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert f'id="{field}"' in answer.text and f'id="{field}-error"' in answer.text
    assert "<script>alert" not in answer.text
    assert fresh(Media, media.id).focal_point == {"x": 50, "y": 50}


def test_a_focal_point_is_kept_and_shown_where_pictures_are_cropped(editor, post, media):
    assert post(editor, f"/admin/media/{media.id}", focal_x="31", focal_y="80 %").status_code == 303
    assert fresh(Media, media.id).focal_point == {"x": 31, "y": 80}
    work_off()
    page = editor.get(f"/admin/media/{media.id}").text
    assert 'class="thumb focal-x-30 focal-y-80"' in page
    assert 'name="focal_x" value="31"' in page
    assert 'transform="translate(19.84 38.4)"' in page  # of 64 × 48
    assert "focal-x-30 focal-y-80" in editor.get("/admin/media").text


def test_one_number_alone_leaves_the_other(editor, post, media):
    change_media(media.id, focal=(10, 20))
    post(editor, f"/admin/media/{media.id}", focal_y="90")
    assert fresh(Media, media.id).focal_point == {"x": 10, "y": 90}


def test_a_viewer_reads_the_words(viewer, media):
    change_media(media.id, decorative=True, credit="Ann Author")
    page = viewer.get(f"/admin/media/{media.id}").text
    assert "Decorative: nothing to describe" in page
    assert "Ann Author" in page
    for field in ("decorative", "credit", "focal_x", "file"):
        assert f'name="{field}"' not in page


def test_what_the_camera_wrote_is_shown_but_never_the_place(editor, post, in_app):
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = "Canon", "Canon <b>EOS</b> R5"
    tags.get_ifd(0x8769).update({0x9003: "2024:06:01 10:11:12", 0x8827: 400})
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=tags.tobytes())
    post(editor, "/admin/media", files=file("fair.jpg", out.getvalue()))
    media = results_of(Media)[0]
    assert media.exif == {
        "camera": "Canon <b>EOS</b> R5",
        "takenAt": "2024-06-01 10:11:12",
        "iso": "400",
        "location": "removed",
    }
    page = editor.get(f"/admin/media/{media.id}").text
    assert "Canon &lt;b&gt;EOS&lt;/b&gt; R5" in page
    assert "<dt>Taken</dt><dd>2024-06-01 10:11:12</dd>" in page
    assert "Location removed" in page


def test_a_picture_without_camera_facts_says_nothing_of_a_place(editor, media):
    page = editor.get(f"/admin/media/{media.id}").text
    assert "Location" not in page
    assert "Camera" not in page


def test_deleting_says_where_it_is_used_and_is_one_click_and_an_undo(editor, post, media):
    for number, galleries in enumerate((2, 2, 1)):
        for block in create_page(f"Page {number}", layout=[{"blockType": "gallery"}] * galleries).blocks:
            add_item(block.id, media.id)
    assert "Used on 3 pages, in 5 galleries." in editor.get(f"/admin/media/{media.id}").text
    answer = post(editor, f"/admin/media/{media.id}/trash")
    undo = editor.get(answer.location).text
    assert f'action="/admin/media/{media.id}/restore"' in undo
    post(editor, f"/admin/media/{media.id}/restore")
    assert "In 5 galleries on 3 pages." in editor.get(f"/admin/media/{media.id}").text
