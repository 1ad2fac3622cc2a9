"""How exports are written: safe names, safe cells, a table that spreadsheets read, archives that any system unpacks."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests.conftest import both_databases
from tests.security.rows import threat
from tests.support.batches import add_picture
from tests.support.people import make_user
from webapp.database import db, transaction, utcnow
from webapp.exporting import COLUMNS, Archive, Picture, TableAlone
from webapp.exporting.names import LONGEST, UniqueNames, safe_name
from webapp.exporting.table import safe_cell
from webapp.models import export_rows
from webapp.models.export import (
    Export,
    ExportMedia,
    NothingToExport,
    exports_seen_by,
    find_export,
    start_export,
)
from webapp.models.export_rows import pictures_to_export
from webapp.models.export_state import states_of
from webapp.models.gallery import add_item, set_hidden
from webapp.models.media import Media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import create_page
from webapp.storage import LocalStorage

JPEG = "image/jpeg"


def picture(number: int = 1, **facts: object) -> Picture:
    known = {
        "id": number, "filename": f"{number}.jpg", "alt": "", "decorative": False, "caption": "",
        "credit": "Ann Lee", "tags": (), "width": 4, "height": 3, "filesize": 5, "mime_type": JPEG, "sha256": "ab",
        "uploaded_at": datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC), "uploaded_by": "ann",
        "galleries": 2, "storage_key": f"originals/{number}",
    }  # fmt: skip
    return Picture(**(known | facts))  # type: ignore[arg-type]


@pytest.fixture
def originals(tmp_path: Path) -> LocalStorage:
    """Those of pictures 1 to 3 are there."""
    originals = LocalStorage(tmp_path / "files")
    for number in (1, 2, 3):
        originals.put(f"originals/{number}", b"byte%d" % number, JPEG)
    return originals


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("harbour.jpg", "harbour.jpg"),
        ("HARBOUR.JPEG", "HARBOUR.JPEG"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\pictures\\a.jpg", "a.jpg"),
        ("a/b\\c.jpg", "c.jpg"),
        ("..", "picture.jpg"),
        ("", "picture.jpg"),
        (".jpg", "picture.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("run.exe", "run.exe.jpg"),
        ("no suffix", "no suffix.jpg"),
        ("a:b*c?d\"e<f>g|h.jpg", "a_b_c_d_e_f_g_h.jpg"),
        ("tab\tline\nnul\0del\x7f.jpg", "tablinenuldel.jpg"),
        ("gpj\u202egpj.exe", "gpjgpj.exe.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("nul", "_nul.jpg"),
        ("com1.tar.jpg", "_com1.tar.jpg"),
        ("console.jpg", "console.jpg"),
        ("end. . .jpg", "end.jpg"),
        ("  a  .jpg", "a.jpg"),
        ("cafe\u0301 猫.jpg", "caf\u00e9 猫.jpg"),
        ("\ud800.jpg", "picture.jpg"),
    ],
)  # fmt: skip
def test_a_name_is_safe_on_any_system(filename, safe):
    assert "".join(safe_name(filename, JPEG)) == safe


def test_the_suffix_says_what_the_file_is():
    assert safe_name("a.jpg", "image/png") == ("a.jpg", ".png")
    assert safe_name("a.heif", "image/heic") == ("a", ".heif")
    assert safe_name("a.tiff", "image/tiff") == ("a.tiff", ".bin")


@given(st.lists(st.text(max_size=300), max_size=6))
def test_whatever_they_are_called_names_are_short_clean_and_each_once(filenames):
    names = UniqueNames("facts.csv")
    given_names = [names.give(filename, JPEG) for filename in filenames]
    assert len({name.casefold() for name in given_names}) == len(filenames)
    for name in given_names:
        assert len(name.encode()) <= LONGEST + 20
        assert not any(unicodedata.category(c).startswith("C") for c in name)
        assert not set(name) & set('<>:"/\\|?*\0')
        assert name.lower().endswith((".jpg", ".jpeg", ".jpe", ".jfif"))
        assert not name.startswith((".", " "))


def test_files_of_one_name_are_counted_also_where_case_does_not_count():
    names = UniqueNames("facts.csv")
    asked = ["a.jpg", "A.JPG", "a.jpg", "a (2).jpg", "b.jpg", "cafe\u0301.jpg", "caf\u00e9.jpg"]
    assert [names.give(name, JPEG) for name in asked] == [
        "a.jpg", "A (2).JPG", "a (3).jpg", "a (2) (2).jpg", "b.jpg", "caf\u00e9.jpg", "caf\u00e9 (2).jpg",
    ]  # fmt: skip


@threat(22)
@pytest.mark.parametrize("cell", ["=cmd()", "+1", "-1", "@a", "\tx", "\rx", "\n=1", "＝1", "＋1", "－1", "＠a"])
def test_a_cell_that_begins_like_a_formula_is_text(cell):
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["a=1", "", "'", "5", -5, 0])
def test_other_cells_stay_as_they_are(cell):
    assert safe_cell(cell) == cell


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_table_is_as_rfc_4180_and_excel_want_it(tmp_path, originals):
    table = TableAlone(tmp_path / "facts.csv")
    assert table.add(picture(alt='=HYPERLINK("x"), y', caption="two\nlines", tags=("sea", "harbour")), originals)
    assert not table.add(picture(9, filename="café 猫.jpg"), originals)
    table.finish()
    table.close()
    data = (tmp_path / "facts.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n")
    assert b'"\'=HYPERLINK(""x""), y"' in data
    assert data.endswith(b"\r\n")
    first, second = read(data)
    assert list(first) == list(COLUMNS)
    assert first == {
        "id": "1", "filename": "1.jpg", "alt": "'=HYPERLINK(\"x\"), y", "decorative": "no", "caption": "two\nlines",
        "credit": "Ann Lee", "tags": "sea, harbour",
        "width": "4", "height": "3", "bytes": "5", "type": JPEG, "sha256": "ab",
        "uploaded at": "2026-01-02T03:04:06+00:00", "uploaded by": "ann", "galleries": "2", "file": "",
    }  # fmt: skip
    assert (second["filename"], second["file"]) == ("café 猫.jpg", "file missing")


def test_an_archive_holds_the_originals_as_they_are_and_names_what_is_missing(tmp_path, originals):
    archive = Archive(tmp_path / "x.zip")
    found = [archive.add(picture(number, filename="../a.jpg"), originals) for number in (1, 9, 2)]
    archive.finish()
    archive.close()
    assert found == [True, False, True]
    with zipfile.ZipFile(tmp_path / "x.zip") as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["a.jpg", "a (2).jpg", "facts.csv"]
        assert {info.compress_type for info in packed.infolist()} == {zipfile.ZIP_STORED}
        assert packed.read("a (2).jpg") == b"byte2"
        assert packed.getinfo("a.jpg").date_time == (2026, 1, 2, 3, 4, 6)
        assert [row["file"] for row in read(packed.read("facts.csv"))] == ["a.jpg", "file missing", "a (2).jpg"]


def test_a_picture_called_like_the_table_does_not_take_its_place(tmp_path, originals):
    archive = Archive(tmp_path / "x.zip")
    archive.add(picture(filename="facts.csv"), originals)
    archive.finish()
    assert zipfile.ZipFile(tmp_path / "x.zip").namelist() == ["facts.csv.jpg", "facts.csv"]


def start(form: str = "zip", choice: str = "all", *, by: int) -> Export:
    return start_export(form, select(Media), "All pictures", choice, by=by)


@pytest.fixture
def ann(in_app) -> int:
    return make_user(in_app, "editor", "ann@example.org").id


@both_databases
def test_it_plans_what_was_found_and_nothing_that_comes_later(in_app, ann):
    media = [add_picture(None, number) for number in range(3)]
    export = start(by=ann)
    assert (export.planned, export.planned_bytes) == (3, 3)
    add_picture(None, 3)
    trash_media(media[1].id)
    assert [found.id for found in pictures_to_export(export.id)] == [media[0].id, media[2].id]


@both_databases
def test_facts_are_read_in_portions_and_told_whole(in_app, ann, monkeypatch):
    monkeypatch.setattr(export_rows, "PORTION", 2)
    media = [add_picture(None, number) for number in range(5)]
    change_media(media[3].id, alt="Boats", caption="In the evening", tags=["sea", "boats"])
    galleries = create_page("Fair", layout=[{"blockType": "gallery"}] * 3).blocks
    for gallery in galleries:
        add_item(gallery.id, media[3].id)
    set_hidden(galleries[0].id, media[3].id, True)
    with transaction() as session:
        session.execute(update(Media).where(Media.id == media[3].id).values(created_by=ann))
    found = list(pictures_to_export(start(by=ann).id))
    assert [one.id for one in found] == [one.id for one in media]
    assert [one.galleries for one in found] == [0, 0, 0, 2, 0]
    boats = found[3]
    assert (boats.alt, boats.caption, boats.tags) == ("Boats", "In the evening", ("boats", "sea"))
    assert [one.uploaded_by for one in found] == ["", "", "", "ann", ""]


@both_databases
def test_nothing_is_left_when_there_is_nothing_to_export(in_app, ann):
    with pytest.raises(NothingToExport):
        start(by=ann)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Export)) == 0


@both_databases
def test_the_second_press_finds_the_first_while_it_is_made(in_app, ann):
    add_picture(None, 1)
    bob = make_user(in_app, "editor", "bob@example.org").id
    first = start(by=ann).id
    assert start(by=ann).id == first
    assert len({first, start("csv", by=ann).id, start(choice="other", by=ann).id, start(by=bob).id}) == 4


@both_databases
def test_old_exports_are_forgotten_with_their_pictures(in_app, ann):
    add_picture(None, 1)
    old = start(by=ann).id
    with transaction() as session:
        session.execute(update(Export).values(created_at=utcnow() - timedelta(days=8)))
    new = start(by=ann).id
    db.session.rollback()
    assert list(db.session.scalars(select(Export.id))) == [new]
    assert set(db.session.scalars(select(ExportMedia.export_id))) == {new}
    assert old != new


@both_databases
def test_one_sees_ones_own_and_admins_all(in_app, ann):
    add_picture(None, 1)
    export = start(by=ann)
    bob, admin = make_user(in_app, "editor", "bob@example.org"), make_user(in_app, "admin", "root@example.org")
    assert find_export(export.id, admin).id == export.id
    with pytest.raises(LookupError):
        find_export(export.id, bob)
    assert list(db.session.scalars(exports_seen_by(bob))) == []


def test_an_export_whose_job_is_gone_says_so_and_can_be_made_again(in_app, ann):
    add_picture(None, 1)
    export = start(by=ann)
    (state,) = states_of([export])
    assert (state.line.words, state.moving) == ("Waiting for its turn", True)
    state = type(state)(export, None)
    assert state.line.state == "failed"
    assert state.can_make_again and not state.moving
