"""Who may do what: each route of the app, with the role that it needs at least. The test beside it tries all of it."""

from __future__ import annotations

from collections.abc import Iterator

Entry = tuple[str, str, str]  # method, rule, and the role that it needs

PUBLIC = """
GET /
GET /<slug>
GET /<slug>.atom
GET POST /admin/first-start
GET POST /admin/invite
GET POST /admin/sign-in
POST /admin/sign-out
GET /api/docs
GET /api/openapi.json
GET /ask
GET /bootstrap/static/<filename>
GET /favicon.ico
GET /healthz
GET /media/<name>
GET /metrics
GET /posts
GET /posts.atom
GET /posts/<slug>
GET /readyz
GET /robots.txt
GET /search
GET /sitemap.xml
GET /static/<filename>
"""

CRON = """
GET POST /api/gallery-sync/immediate
GET POST /api/jobs/run
"""

VIEWER = """
GET /admin/
GET /admin/account
POST /admin/account/name
POST /admin/account/password
POST /admin/account/sign-out-everywhere
POST /admin/account/tokens
POST /admin/account/tokens/revoke
GET /admin/batches/<batch_id>
GET /admin/batches/<batch_id>/status
GET /admin/direct-uploads/<upload_id>
GET /admin/galleries/<gallery_id>
GET /admin/galleries/<gallery_id>/add
GET /admin/galleries/<gallery_id>/rule
GET /admin/galleries/<gallery_id>/rule/matches
GET /admin/galleries/<gallery_id>/status
GET /admin/jobs
GET /admin/jobs/<job_id>
GET /admin/jobs/<job_id>/status
GET /admin/media
GET /admin/media/<media_id>
GET /admin/media/<media_id>/status
GET /admin/pages
GET /admin/pages/<page_id>
GET /admin/pages/<page_id>/preview
GET /admin/pages/<page_id>/status
GET /admin/palette
GET /admin/posts
GET /admin/posts/<post_id>
GET /admin/posts/<post_id>/preview
GET /admin/queues
GET /admin/recent-uploads
GET /admin/search
GET /admin/search/index/<collection>/<doc_id>
GET /api/galleries/<gallery_id>/items
GET /api/jobs
GET /api/jobs/<job_id>
GET /api/media
GET /api/media/<media_id>
GET /api/media/direct/<upload_id>
GET /api/pages
GET /api/pages/<reference>
GET /api/posts
GET /api/posts/<reference>
GET /api/queues
GET /api/search
GET /api/tasks
"""

EDITOR = """
POST /admin/batches/<batch_id>/retry
GET POST /admin/exports
POST /admin/exports/<export_id>/cancel
GET /admin/exports/<export_id>/file
POST /admin/exports/<export_id>/retry
GET /admin/exports/<export_id>/status
POST /admin/galleries/<gallery_id>/add
POST /admin/galleries/<gallery_id>/backfill
POST /admin/galleries/<gallery_id>/backfill/<job_id>/undo
POST /admin/galleries/<gallery_id>/hide
POST /admin/galleries/<gallery_id>/move
POST /admin/galleries/<gallery_id>/new-items
POST /admin/galleries/<gallery_id>/reconcile
POST /admin/galleries/<gallery_id>/rule
POST /admin/galleries/<gallery_id>/style
POST /admin/galleries/<gallery_id>/switch
POST /admin/galleries/<gallery_id>/syncs/<job_id>/show
POST /admin/galleries/<gallery_id>/syncs/<job_id>/undo
POST /admin/galleries/<gallery_id>/unhide
POST /admin/jobs/<job_id>/cancel
GET POST /admin/jobs/<job_id>/input
POST /admin/jobs/<job_id>/retry
POST /admin/jobs/many/<name>
POST /admin/media
POST /admin/media/<media_id>
GET POST /admin/media/<media_id>/delete
POST /admin/media/<media_id>/file
POST /admin/media/<media_id>/file/<former_id>
GET /admin/media/<media_id>/original
POST /admin/media/<media_id>/restore
POST /admin/media/<media_id>/trash
POST /admin/media/many/<name>
GET POST /admin/media/trash/empty
POST /admin/pages
POST /admin/pages/<page_id>
GET POST /admin/pages/<page_id>/blocks/<block_id>/picture
GET POST /admin/pages/<page_id>/delete
POST /admin/pages/<page_id>/restore
POST /admin/pages/<page_id>/trash
GET /admin/pages/new
POST /admin/posts
POST /admin/posts/<post_id>
GET POST /admin/posts/<post_id>/cover
GET POST /admin/posts/<post_id>/delete
POST /admin/posts/<post_id>/restore
POST /admin/posts/<post_id>/trash
GET /admin/posts/new
POST /admin/search/index/<collection>/<doc_id>
PATCH /api/galleries/<gallery_id>
POST /api/galleries/<gallery_id>/backfill
POST /api/galleries/<gallery_id>/backfill/<job_id>/undo
POST /api/galleries/<gallery_id>/items
DELETE /api/galleries/<gallery_id>/items/<media_id>
POST /api/galleries/<gallery_id>/items/<media_id>/move
PUT /api/galleries/<gallery_id>/order
POST /api/jobs
DELETE PATCH /api/jobs/<job_id>
POST /api/jobs/<job_id>/cancel
POST /api/jobs/<job_id>/retry
POST /api/jobs/<job_id>/run
POST /api/jobs/cancel
POST /api/jobs/discard
POST /api/jobs/retry
POST /api/media
POST /api/media/direct
POST /api/media/direct/<upload_id>/complete
DELETE PATCH /api/media/<media_id>
PUT /api/media/<media_id>/file
POST /api/pages
PATCH /api/pages/<reference>
POST /api/posts
DELETE PATCH /api/posts/<reference>
"""

ADMIN = """
GET /admin/audit
GET POST /admin/people
GET /admin/people/<user_id>
POST /admin/people/<user_id>/disable
POST /admin/people/<user_id>/enable
POST /admin/people/<user_id>/link
POST /admin/people/<user_id>/role
GET /admin/people/new
POST /admin/queues/<name>/pause
POST /admin/queues/<name>/resume
GET /admin/rq/
GET /admin/rq/<instance_number>/
GET /admin/rq/<instance_number>/data/job/<job_id>.json
GET /admin/rq/<instance_number>/data/jobs/<queue_name>/<registry_name>/<per_page>/<order>/<page>.json
GET /admin/rq/<instance_number>/data/queues.json
GET /admin/rq/<instance_number>/data/workers.json
GET /admin/rq/<instance_number>/view
GET /admin/rq/<instance_number>/view/job/<job_id>
GET /admin/rq/<instance_number>/view/jobs
GET /admin/rq/<instance_number>/view/jobs/<queue_name>/<registry_name>/<per_page>/<order>/<page>
GET /admin/rq/<instance_number>/view/queues
GET /admin/rq/<instance_number>/view/workers
GET /admin/rq/favicon.ico
POST /admin/rq/job/<job_id>/delete
POST /admin/rq/job/<job_id>/requeue
POST /admin/rq/queue/<queue_name>/<registry_name>/empty
POST /admin/rq/queue/<queue_name>/compact
GET POST /admin/rq/requeue/<queue_name>
GET /admin/rq/static/<filename>
GET /admin/search/index
POST /admin/search/index/mend
POST /admin/search/index/rebuild
GET POST /admin/webhooks
GET /admin/webhooks/<webhook_id>
GET /admin/webhooks/<webhook_id>/deliveries
POST /admin/webhooks/<webhook_id>/remove
POST /admin/webhooks/<webhook_id>/switch
POST /admin/webhooks/<webhook_id>/test
GET /admin/webhooks/new
POST /api/queues/<name>/pause
POST /api/queues/<name>/resume
"""

# Routes of RQ Dashboard that would change something by GET: there is nothing at them for anybody.
CLOSED = {("GET", "/admin/rq/requeue/<queue_name>")}

# An API token opens what its account opens, but not the account itself: who stole it shall make no further ones.
NOT_BY_TOKEN = "/admin/account"


def entries() -> Iterator[Entry]:
    blocks = {"public": PUBLIC, "cron": CRON, "viewer": VIEWER, "editor": EDITOR, "admin": ADMIN}
    for role, block in blocks.items():
        for line in block.split("\n"):
            *methods, rule = line.split() or [""]
            yield from ((method, rule, role) for method in methods)
