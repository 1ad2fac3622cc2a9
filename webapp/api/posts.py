"""/api/posts: articles, with the drafts among them."""

from __future__ import annotations

from flask_login import current_user
from sqlalchemy import func, select

from webapp.api.fields import A_ROW_ID, Done, Listing
from webapp.api.http import Contract, api, endpoint, listing
from webapp.api.post_shapes import NewPost, PostAnswer, PostChanges, PostQuery, post_answer
from webapp.database import db
from webapp.models.finding_posts import WantedPosts
from webapp.models.post import Post, create_post, live_post, save_post, trash_post

COLUMNS = {
    "createdAt": Post.created_at,
    "updatedAt": Post.updated_at,
    "publishedAt": Post.published_at,
    "title": func.lower(Post.title),
}


@api.post("/posts")
@endpoint(Contract("Make a post", body=NewPost, answers={201: PostAnswer}))
def make_post(body: NewPost) -> tuple[PostAnswer, int]:
    return post_answer(create_post(**body.model_dump(), by=current_user.id)), 201


@api.get("/posts")
@endpoint(Contract("Find posts", query=PostQuery, answers={200: Listing[PostAnswer]}))
def list_posts(query: PostQuery) -> Listing[PostAnswer]:
    """Those that were never published come last, when it is sorted by that."""
    found = WantedPosts(words=query.q, tag=query.tag, status=query.status).select()
    column, downwards = COLUMNS[query.sort.removeprefix("-")], query.sort.startswith("-")
    order = (column.desc(), Post.id.desc()) if downwards else (column, Post.id)
    return listing(
        found.order_by(column.is_(None), *order), query, lambda rows: [post_answer(row.Post) for row in rows]
    )


@api.get("/posts/<reference>")
@endpoint(Contract("One post, by its id or its slug", answers={200: PostAnswer}))
def show_post(reference: str) -> PostAnswer:
    return post_answer(find_post(reference))


def find_post(reference: str) -> Post:
    """Raises LookupError."""
    if A_ROW_ID.fullmatch(reference):
        return live_post(int(reference))
    named = select(Post).where(Post.slug == reference.replace("\0", ""), Post.deleted_at.is_(None))
    post = db.session.scalar(named)
    if post is None:
        raise LookupError(f"There is no post “{reference}”.")
    return post


@api.patch("/posts/<reference>")
@endpoint(Contract("Save a post, if nobody else did since", body=PostChanges, answers={200: PostAnswer}))
def change_post(reference: str, body: PostChanges) -> PostAnswer:
    changes = body.model_dump(exclude_unset=True, exclude={"version"})
    return post_answer(save_post(find_post(reference).id, body.version, changes, by=current_user.id))


@api.delete("/posts/<reference>")
@endpoint(Contract("Move a post to the trash", answers={200: Done}))
def trash_one_post(reference: str) -> Done:
    post = find_post(reference)
    trash_post(post.id, by=current_user.id)
    return Done(id=post.id)
