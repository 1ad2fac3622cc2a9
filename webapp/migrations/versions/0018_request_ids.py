"""which request asked for a job

Revision ID: 0018
Revises: 0017

"""
from alembic import op
import sqlalchemy as sa


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('jobs', sa.Column('request_id', sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column('jobs', 'request_id')
