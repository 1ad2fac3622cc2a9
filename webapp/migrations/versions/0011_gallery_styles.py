"""How a gallery is laid out, and an index of the pictures that nobody sees.

Revision ID: 0011
Revises: 0010

"""
from alembic import op
import sqlalchemy as sa


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

UNSEEN = sa.text('(deleted_at IS NOT NULL OR NOT is_ready)')


def upgrade() -> None:
    # In SQL, because SQLite takes a constraint of a table that is there only together with a new column.
    op.execute(
        "ALTER TABLE blocks ADD COLUMN style VARCHAR(10) DEFAULT 'grid' NOT NULL"
        " CONSTRAINT ck_blocks_style CHECK (style IN ('grid', 'rows', 'filmstrip'))"
    )
    op.create_index('ix_media_unseen', 'media', ['id'], sqlite_where=UNSEEN, postgresql_where=UNSEEN)


def downgrade() -> None:
    op.drop_index('ix_media_unseen', 'media')
    op.drop_column('blocks', 'style')
