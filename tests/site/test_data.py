"""What search engines read of a page's pictures: JSON-LD."""

from __future__ import annotations

import json
import re

import pytest

from config import Settings
from tests.security.rows import threat
from tests.site.pictures import page_with, upload
from webapp.models.media_words import change_media
from webapp.models.page import PUBLISHED, create_page

NAUGHTY = "</script><script>alert(1)</script>"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"server_url": "https://pictures.example"})


def data(client, address: str) -> dict:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', client.get(address).text)
    assert len(found) == 1
    return json.loads(found[0])


def test_names_each_picture_with_its_true_size_and_words(in_app, anonymous):
    media = upload(1200, 800, alt="Harbour", caption="At dawn")
    lone = upload()
    layout = [{"blockType": "picture", "mediaId": media.id}, {"blockType": "picture", "mediaId": lone.id}]
    create_page("Fair", status=PUBLISHED, layout=layout)
    found = data(anonymous, "/fair")
    assert (found["@type"], found["name"], found["url"]) == ("ImageGallery", "Fair", "https://pictures.example/fair")
    assert found["image"][0] == {
        "@type": "ImageObject",
        "contentUrl": f"https://pictures.example/media/{media.renditions_in('image/jpeg')[-1].name}",
        "encodingFormat": "image/jpeg",
        "width": 1200,
        "height": 800,
        "name": "Harbour",
        "caption": "At dawn",
    }
    assert "name" not in found["image"][1]


@threat(4)
def test_words_can_not_leave_it(in_app, anonymous):
    page_with(upload(alt=NAUGHTY, caption=NAUGHTY))
    assert NAUGHTY not in anonymous.get("/summer-fair").text
    assert data(anonymous, "/summer-fair")["image"][0]["caption"] == NAUGHTY


def test_gives_the_credit_where_there_is_one(in_app, anonymous):
    credited, other = upload(), upload()
    change_media(credited.id, credit="Ann Archer")
    page_with(credited, other)
    first, second = data(anonymous, "/summer-fair")["image"]
    assert (first["creditText"], second.get("creditText")) == ("Ann Archer", None)


def test_a_page_without_pictures_says_nothing(in_app, anonymous):
    page_with()
    assert "ld+json" not in anonymous.get("/summer-fair").text
