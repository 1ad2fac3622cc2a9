"""The table of screens: what each is called, where it is, and what has to be done until it looks like that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.screens import states

NOBODY, VIEWER, ADMIN = "nobody", "viewer", "admin"


@dataclass(frozen=True)
class Screen:
    """`path` may name what content.py has made, such as {picture}; `prepare` gets the page once it is open."""

    name: str
    path: str
    prepare: Callable[[Page], None] | None = None
    who: str = ADMIN
    ours: bool = True  # no: somebody else's page, whose barriers we can't mend


BEFORE_ANYBODY = (
    Screen("first-start", "/admin/", who=NOBODY),
    Screen("first-start-errors", "/admin/", states.send_empty_form, who=NOBODY),
)

EMPTY = (
    Screen("overview-empty", "/admin/"),
    Screen("library-empty", "/admin/media"),
    Screen("pages-empty", "/admin/pages"),
    Screen("posts-empty", "/admin/posts"),
    Screen("jobs-empty", "/admin/jobs"),
    Screen("webhooks-empty", "/admin/webhooks"),
    Screen("search-index-empty", "/admin/search/index"),
    Screen("home-empty", "/", who=NOBODY),
    Screen("public-posts-empty", "/posts", who=NOBODY),
)

FULL = (
    # Signing in
    Screen("sign-in", "/admin/sign-in", who=NOBODY),
    Screen("sign-in-error", "/admin/sign-in", states.sign_in_wrongly, who=NOBODY),
    Screen("sign-in-empty-fields", "/admin/sign-in", states.send_empty_form, who=NOBODY),
    # The overview and the frame around everything
    Screen("overview", "/admin/"),
    Screen("overview-viewer", "/admin/", who=VIEWER),
    Screen("palette", "/admin/", states.open_palette),
    Screen("palette-found", "/admin/", states.type_into_palette),
    Screen("palette-shortcuts", "/admin/", states.open_shortcuts),
    Screen("search", "/admin/search?q=the"),
    Screen("search-empty", "/admin/search"),
    Screen("search-nothing-found", "/admin/search?q=unicorn"),
    Screen("search-index", "/admin/search/index"),
    # The library
    Screen("library", "/admin/media"),
    Screen("library-list", "/admin/media?view=list"),
    Screen("library-filtered", "/admin/media?shape=landscape&no_alt=1"),
    Screen("library-viewer", "/admin/media", who=VIEWER),
    Screen("library-nothing-found", "/admin/media?q=unicorn"),
    Screen("library-trash", "/admin/media?trash=1"),
    Screen("library-empty-the-trash", "/admin/media/trash/empty"),
    Screen("library-just-trashed", "/admin/media?undo={trashed}"),
    Screen("library-uploads", "/admin/media", states.upload_some),
    Screen("library-signed-out", "/admin/media", states.upload_signed_out),
    Screen("upload-result", "/admin/media", states.upload_by_the_plain_form),
    Screen("batch", "/admin/batches/{batch}"),
    # One picture
    Screen("picture", "/admin/media/{picture}", states.open_details),
    Screen("picture-viewer", "/admin/media/{picture}", who=VIEWER),
    Screen("picture-similar", "/admin/media/{similar}"),
    Screen("picture-replaced", "/admin/media/{picture}", states.replace_the_file),
    Screen("picture-in-trash", "/admin/media/{trashed}"),
    Screen("picture-delete-for-good", "/admin/media/{trashed}/delete"),
    Screen("exports", "/admin/exports"),
    Screen("exports-filtered", "/admin/exports?q=sea"),
    # Pages
    Screen("pages", "/admin/pages"),
    Screen("pages-trash", "/admin/pages?trash=1"),
    Screen("page-new", "/admin/pages/new"),
    Screen("page-new-errors", "/admin/pages/new", states.press_make_the_page),
    Screen("page", "/admin/pages/{page}"),
    Screen("page-viewer", "/admin/pages/{page}", who=VIEWER),
    Screen("page-errors", "/admin/pages/{page}", states.save_without_title),
    Screen("page-conflict", "/admin/pages/{page}", states.save_twice),
    Screen("page-remove-gallery", "/admin/pages/{page}?remove={gallery}"),
    # Posts
    Screen("posts", "/admin/posts"),
    Screen("posts-viewer", "/admin/posts", who=VIEWER),
    Screen("posts-nothing-found", "/admin/posts?q=unicorn"),
    Screen("posts-trash", "/admin/posts?trash=1"),
    Screen("post-new", "/admin/posts/new"),
    Screen("post-new-errors", "/admin/posts/new", states.press_begin_to_write),
    Screen("post", "/admin/posts/{post}"),
    Screen("post-scheduled", "/admin/posts/{scheduled_post}"),
    Screen("post-viewer", "/admin/posts/{scheduled_post}", who=VIEWER),
    Screen("post-errors", "/admin/posts/{scheduled_post}", states.schedule_without_moment),
    Screen("post-conflict", "/admin/posts/{post}", states.change_and_save_twice),
    Screen("post-cover", "/admin/posts/{post}/cover"),
    Screen("post-in-trash", "/admin/posts/{trashed_post}"),
    Screen("post-delete-for-good", "/admin/posts/{trashed_post}/delete"),
    # Galleries
    Screen("gallery", "/admin/galleries/{gallery}"),
    Screen("gallery-viewer", "/admin/galleries/{gallery}", who=VIEWER),
    Screen("gallery-just-hidden", "/admin/galleries/{gallery}", states.hide_a_picture),
    Screen("gallery-hidden", "/admin/galleries/{gallery}?view=hidden"),
    Screen("gallery-add", "/admin/galleries/{gallery}?view=add"),
    Screen("gallery-add-nothing-found", "/admin/galleries/{gallery}?view=add&q=unicorn"),
    Screen("gallery-empty", "/admin/galleries/{empty_gallery}"),
    Screen("gallery-hidden-empty", "/admin/galleries/{empty_gallery}?view=hidden"),
    # Jobs
    Screen("jobs", "/admin/jobs"),
    Screen("jobs-viewer", "/admin/jobs", who=VIEWER),
    Screen("jobs-queued", "/admin/jobs?status=queued"),
    Screen("jobs-running", "/admin/jobs?status=running"),
    Screen("jobs-succeeded", "/admin/jobs?status=succeeded"),
    Screen("jobs-failed", "/admin/jobs?status=failed"),
    Screen("jobs-cancelled", "/admin/jobs?status=cancelled"),
    Screen("jobs-none", "/admin/jobs?status=failed&queue=images"),
    Screen("job-failed", "/admin/jobs/{failed_job}", states.open_details),
    Screen("job-running", "/admin/jobs/{running_job}"),
    Screen("job-sure", "/admin/jobs/{failed_job}", states.press_discard),
    Screen("job-input-errors", "/admin/jobs/{failed_job}/input", states.save_bad_json),
    Screen("queues", "/admin/queues", states.open_details),
    Screen("rq-dashboard", "/admin/rq/", ours=False),
    # People
    Screen("people", "/admin/people"),
    Screen("people-new", "/admin/people/new"),
    Screen("account", "/admin/account"),
    Screen("account-viewer", "/admin/account", who=VIEWER),
    Screen("audit", "/admin/audit"),
    Screen("audit-nothing-found", "/admin/audit?q=unicorn"),
    Screen("invite-used", "/admin/invite", who=NOBODY),
    # Webhooks
    Screen("webhooks", "/admin/webhooks"),
    Screen("webhook", "/admin/webhooks/{webhook}", states.open_details),
    Screen("webhook-new-errors", "/admin/webhooks/new", states.press_add_the_webhook),
    Screen("webhook-made", "/admin/webhooks/new", states.add_a_webhook),
    # Errors
    Screen("error-404", "/admin/nothing"),
    Screen("error-404-public", "/nothing", who=NOBODY),
    Screen("error-403", "/admin/pages/new", who=VIEWER),
    Screen("error-500", "/admin/broken", states.fail_with(500)),
    Screen("error-503", "/admin/broken", states.fail_with(503)),
    # What the world sees
    Screen("home", "/", who=NOBODY),
    Screen("public-page", "/{slug}", who=NOBODY),
    Screen("public-posts", "/posts", who=NOBODY),
    Screen("public-posts-tag", "/posts?tag=seeing", who=NOBODY),
    Screen("public-post", "/posts/{post_slug}", who=NOBODY),
    Screen("public-post-long", "/posts/getting-up-for-the-light", who=NOBODY),
    Screen("public-post-plain", "/posts/what-to-write-about-a-picture", who=NOBODY),
    Screen("public-search", "/search?q=the", who=NOBODY),
    Screen("public-search-empty", "/search", who=NOBODY),
    Screen("public-search-nothing-found", "/search?q=unicorn", who=NOBODY),
    Screen("public-ask", "/ask?q=how+is+a+gallery+hung", who=NOBODY),
    Screen("public-ask-empty", "/ask", who=NOBODY),
    Screen("public-ask-unknown", "/ask?q=gallery+unicorn", who=NOBODY),
    Screen("public-ask-away", "/ask?q=how+is+a+gallery+hung+by+itself", who=NOBODY),
    Screen("public-post-related", "/posts/{related_slug}", who=NOBODY),
    Screen("public-preview", "/admin/pages/{draft}/preview"),
    Screen("public-post-preview", "/admin/posts/{scheduled_post}/preview"),
    Screen("api-docs", "/api/docs"),
    # Your new screen: add it where it belongs above
)
