"""Posts, and other addresses for pages whose own the site takes from now on.

Revision ID: 0016
Revises: 0015

"""
from itertools import count

from alembic import op
import sqlalchemy as sa

import webapp.database


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

TAKEN_BY_THE_SITE = ('posts', 'search', 'ask')
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('posts',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('slug', sa.String(length=100), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('excerpt', sa.Text(), nullable=False),
    sa.Column('cover_id', BIG_ID, nullable=True),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('publish_at', webapp.database.Moment(), nullable=True),
    sa.Column('published_at', webapp.database.Moment(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_by', BIG_ID, nullable=True),
    sa.Column('created_at', webapp.database.Moment(), nullable=False),
    sa.Column('updated_by', BIG_ID, nullable=True),
    sa.Column('updated_at', webapp.database.Moment(), nullable=False),
    sa.Column('deleted_at', webapp.database.Moment(), nullable=True),
    sa.Column('deleted_by', BIG_ID, nullable=True),
    sa.CheckConstraint("(status = 'scheduled') = (publish_at IS NOT NULL)", name=op.f('ck_posts_scheduled_with_a_moment')),
    sa.CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name=op.f('ck_posts_published_at_a_moment')),
    sa.CheckConstraint("status IN ('draft', 'published', 'scheduled')", name=op.f('ck_posts_status')),
    sa.ForeignKeyConstraint(['cover_id'], ['media.id'], name=op.f('fk_posts_cover_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_posts_created_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['deleted_by'], ['users.id'], name=op.f('fk_posts_deleted_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['updated_by'], ['users.id'], name=op.f('fk_posts_updated_by'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posts')),
    sa.UniqueConstraint('slug', name=op.f('uq_posts_slug')),
    sqlite_autoincrement=True
    )
    partial('ix_posts_public', ['published_at', 'id'], "status = 'published' AND deleted_at IS NULL")
    partial('ix_posts_cover_id', ['cover_id'], 'cover_id IS NOT NULL')
    op.create_table('post_tags',
    sa.Column('post_id', BIG_ID, nullable=False),
    sa.Column('tag', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['posts.id'], name=op.f('fk_post_tags_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', 'tag', name=op.f('pk_post_tags'))
    )
    op.create_index(op.f('ix_post_tags_tag'), 'post_tags', ['tag'])
    for slug in TAKEN_BY_THE_SITE:
        rename_page(slug)


def partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, 'posts', columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def rename_page(slug: str) -> None:
    """To page-posts, or the first number of it that is free. Who has it open is told, by its version."""
    connection = op.get_bind()
    names = (f'page-{slug}' if n == 1 else f'page-{slug}-{n}' for n in count(1))
    there = sa.text('SELECT count(*) FROM pages WHERE slug = :slug')
    free = next(name for name in names if not connection.scalar(there, {'slug': name}))
    rename = sa.text('UPDATE pages SET slug = :free, version = version + 1 WHERE slug = :slug')
    connection.execute(rename, {'free': free, 'slug': slug})


def downgrade() -> None:
    op.execute("DELETE FROM search_texts WHERE collection = 'posts'")
    op.drop_table('post_tags')
    op.drop_table('posts')
