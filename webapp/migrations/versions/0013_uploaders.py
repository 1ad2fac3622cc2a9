"""An index of who uploaded a picture.

Revision ID: 0013
Revises: 0012

"""
from alembic import op
import sqlalchemy as sa


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

KNOWN = sa.text('created_by IS NOT NULL')


def upgrade() -> None:
    op.create_index('ix_media_created_by', 'media', ['created_by'], sqlite_where=KNOWN, postgresql_where=KNOWN)


def downgrade() -> None:
    op.drop_index('ix_media_created_by', 'media')
