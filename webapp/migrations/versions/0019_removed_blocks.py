"""What the last save of a page took away, for an undo.

Revision ID: 0019
Revises: 0018

"""
from alembic import op
import sqlalchemy as sa


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('pages', sa.Column('removed', sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column('pages', 'removed')
