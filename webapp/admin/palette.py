"""The command palette: where one can go from every page of the admin, by name or by a key or two."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from flask import Blueprint, Flask, jsonify, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, or_, select

from webapp.admin import asked
from webapp.admin.search import ADDRESSES, state_of
from webapp.extensions import db
from webapp.models.finding import find
from webapp.models.page import Page
from webapp.models.user import User
from webapp.security import ADMIN, EDITOR, RANK, VIEWER

blueprint = Blueprint("palette", __name__, url_prefix="/admin/palette")

SHOWN, PAGES_SHOWN = 8, 4
FIELDS = {"upload": "files", "search": "q"}  # of the library, where the deed goes on


@dataclass(frozen=True)
class Command:
    """`words` are others that somebody may look for it by; `does` names a deed of static/js/palette.js."""

    label: str
    endpoint: str
    icon: str
    keys: str = ""  # pressed one after the other
    who: str = VIEWER
    words: str = ""
    does: str = ""

    @property
    def url(self) -> str:
        return url_for(self.endpoint, _anchor=FIELDS.get(self.does))


COMMANDS = (
    Command("Library", "media.index", "picture", "g l", words="pictures media images"),
    Command("Pages", "pages.index", "page", "g p", words="galleries"),
    Command("Posts", "posts.index", "edit", "g b", words="articles blog news drafts scheduled"),
    Command("Overview", "home.index", "brand", "g o", words="start dashboard home"),
    Command("Jobs", "jobs.index", "clock", "g j", words="background failed retry"),
    Command("Queues and workers", "queues.index", "working", "g q", words="pause sweep"),
    Command("Upload pictures", "media.index", "upload", "u", EDITOR, "add new media", does="upload"),
    Command("New page", "pages.new", "plus", "n", EDITOR, "make add gallery"),
    Command("New post", "posts.new", "plus", who=EDITOR, words="write article make add draft"),
    Command("Search everything", "search.index", "search", "g f", words="find pictures pages"),
    Command("Search on this page", "media.index", "search", "/", words="find filter", does="search"),
    Command("Exports", "exports.index", "arrow-down", "g x", EDITOR, "download zip csv"),
    Command("Your account", "account.show", "info", "g y", words="password tokens devices"),
    Command("People", "people.index", "info", "g e", ADMIN, "users roles invite accounts"),
    Command("Audit log", "audit.index", "clock", "g a", ADMIN, "history who changed"),
    Command("Search index", "search_index.index", "search", who=ADMIN, words="meaning vectors embedding rebuild"),
    Command("Webhooks", "webhooks.index", "external", "g w", ADMIN, "programs events"),
    Command("RQ Dashboard", "rq_dashboard.queues_overview", "external", who=ADMIN, words="redis queues"),
    Command("What the world sees", "site.home", "eye", "g s", words="public site view"),
    Command("The API", "api.docs", "info", words="programs json documentation"),
    Command("Keyboard shortcuts", "home.index", "info", "?", words="keys help", does="shortcuts"),
    Command("Sign out", "session.sign_out", "arrow-right", words="log out leave account", does="sign-out"),
)


def init_palette(app: Flask) -> None:
    app.jinja_env.globals.update(palette_commands=commands_for)


def commands_for(person: User) -> list[Command]:
    return [command for command in COMMANDS if RANK[person.role] >= RANK[command.who]]


@blueprint.get("")
def found() -> ResponseReturnValue:
    """What has these words, as JSON: pages by title or address, then everything that is searched, also mistyped."""
    q = asked.search("q")
    pages = db.session.execute(with_words(q).limit(PAGES_SHOWN)).all()
    named = {("pages", page_id): (title, f"Page, {status}") for page_id, title, status in pages}
    others = {(one.collection, one.id): (one.title, state_of(one)) for one in find(q, limit=SHOWN, forgiving=not named)}
    return jsonify(
        found=[
            {"collection": name, "title": title, "words": words, "url": ADDRESSES[name](doc_id)}
            for (name, doc_id), (title, words) in islice((named | others).items(), SHOWN)
        ]
    )


def with_words(q: str) -> Select[int, str, str]:
    """Last saved first. Only what is shown is read: a palette is opened often."""
    live = select(Page.id, Page.title, Page.status).where(Page.deleted_at.is_(None))
    for word in q.split():
        live = live.where(or_(Page.title.icontains(word, autoescape=True), Page.slug.icontains(word, autoescape=True)))
    return live.order_by(Page.updated_at.desc(), Page.id.desc())
