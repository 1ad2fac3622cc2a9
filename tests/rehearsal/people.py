"""Sixteen people at work: they upload, edit, hide and look, and remember what they were told."""

from __future__ import annotations

import random
import re
import time
from collections import defaultdict
from collections.abc import Callable
from http.client import HTTPException
from itertools import count
from threading import Event
from typing import Any

import urllib3

from tests.rehearsal.counts import Asked
from tests.support.http import Answer, Client
from tests.support.pictures import tiny_jpeg

PICTURE = re.compile(r"/media/(?:\d+)-[\w.-]+")
NUMBERS = count(1)  # of pictures, which nobody else sends
PATIENCE = 5.0  # seconds that a browser waits for the bucket


class Person:
    """With a page of their own, on which all pictures hang; `page_id`, its `slug` and the `gallery_id` on it."""

    def __init__(self, client: Client, page: dict[str, int | str], dice: random.Random) -> None:
        self.client, self.page, self.dice = client, page, dice
        self.asked: list[Asked] = []
        self.to_send: list[int] = []  # numbers of pictures that were not taken, or nobody knows
        self.stored: dict[int, int] = {}  # media that were answered as stored, with the numbers of their pictures
        self.taken: dict[int, int] = {}  # direct uploads that were answered as taken, likewise
        self.alts: defaultdict[int, set[str]] = defaultdict(lambda: {""})  # what a picture's words may be
        self.titles = {str(page["title"])}  # what the page's title may be
        self.version = 1
        self.hidden: set[int] = set()  # media that were answered as hidden
        self.perhaps_hidden: set[int] = set()  # nobody knows
        self.shown_although_hidden: list[int] = []

    def work_until(self, over: Event, pauses: tuple[float, float]) -> None:
        """`pauses` are the shortest and the longest, in seconds, between two things that they do."""
        deeds = [self.upload, self.upload_directly, self.change_words, self.change_page, self.hide]
        deeds += [self.look_at_page, self.look_at_library]
        weights = [8, 2, 4, 2, 3, 8, 1]
        while not over.wait(self.dice.uniform(*pauses)):
            self.dice.choices(deeds, weights)[0]()

    def ask(self, kind: str, call: Callable[[], Answer]) -> Answer | None:
        """None when the connection broke: whatever was asked for may have been done, or not."""
        started, answer = time.monotonic(), None
        try:
            answer = call()
        except (OSError, HTTPException):
            answer = None
        self.asked.append(Asked(kind, started, time.monotonic(), answer))
        return answer

    # Sending pictures

    def upload(self) -> None:
        self.send(self.to_send.pop() if self.to_send else next(NUMBERS))

    def send(self, number: int) -> None:
        """Whoever is not told that it is stored sends the same again later, as people do."""
        answer = self.ask("upload", lambda: self.client.upload(tiny_jpeg(number), f"{number}.jpg"))
        if answer and answer.status in (200, 201):
            self.stored[answer.body["id"]] = number
        else:
            self.to_send.append(number)

    def upload_directly(self) -> None:
        number = next(NUMBERS)
        data = tiny_jpeg(number)
        facts = {"filename": f"{number}.jpg", "mimeType": "image/jpeg", "filesize": len(data)}
        form = self.ask("announce", lambda: self.client.post("/api/media/direct", facts))
        if form and form.status == 201 and was_put(form.body, data):
            self.complete(form.body["uploadId"], number)

    def complete(self, upload_id: int, number: int) -> None:
        answer = self.ask("complete", lambda: self.client.post(f"/api/media/direct/{upload_id}/complete"))
        if answer and answer.status == 202:
            self.taken[upload_id] = number

    # Changing

    def change_words(self) -> None:
        if not self.stored:
            return
        media_id, alt = self.dice.choice(list(self.stored)), f"A picture, {self.dice.random()}"
        answer = self.ask("change words", lambda: self.client.patch(f"/api/media/{media_id}", {"alt": alt}))
        if answer and answer.status == 200:
            self.alts[media_id] = {alt}
        elif answer is None:
            self.alts[media_id].add(alt)

    def change_page(self) -> None:
        title, path = f"Page {self.dice.random()}", f"/api/pages/{self.page['id']}"
        answer = self.ask("change page", lambda: self.client.patch(path, {"version": self.version, "title": title}))
        if answer is None:
            self.titles.add(title)
        elif answer.status == 200:
            self.titles, self.version = {title}, answer.body["version"]
        elif answer.status == 409:
            self.version = answer.body["version"]

    def hide(self) -> None:
        """Out of the own gallery, for good; and nobody may see it there from now on."""
        left = [media_id for media_id in self.stored if media_id not in self.hidden]
        if not left:
            return
        media_id = self.dice.choice(left)
        path = f"/api/galleries/{self.page['galleryId']}/items/{media_id}"
        answer = self.ask("hide", lambda: self.client.delete(path))
        if answer is None:
            self.perhaps_hidden.add(media_id)
        elif answer.status == 200:
            self.hidden.add(media_id)
            self.see_that_it_is_gone(media_id)

    def see_that_it_is_gone(self, media_id: int) -> None:
        page = self.ask("page", lambda: self.client.get(f"/{self.page['slug']}"))
        if page and page.status == 200 and f"/media/{media_id}-" in page.body:
            self.shown_although_hidden.append(media_id)

    # Looking

    def look_at_page(self) -> None:
        page = self.ask("page", lambda: self.client.get(f"/{self.page['slug']}"))
        pictures = PICTURE.findall(page.body) if page and page.status == 200 else []
        if pictures:
            path = self.dice.choice(pictures)
            self.ask("picture", lambda: self.client.get(path))

    def look_at_library(self) -> None:
        self.ask("library", lambda: self.client.get("/admin/media"))


def was_put(form: dict[str, Any], data: bytes) -> bool:
    """Into the bucket, which may be away; a browser would then send it to the site."""
    fields = form["fields"] | {"file": ("picture.jpg", data)}
    try:
        answer = urllib3.request("POST", form["url"], fields=fields, timeout=PATIENCE, retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return bool(answer.status == 204)
