"""One picture: credit, decorative, focal point, what the camera wrote, and the file it had before

Revision ID: 0006
Revises: 0003

"""
from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added as they are: to make a table anew would on SQLite delete what refers to it.
    op.add_column('media', sa.Column('credit', sa.Text(), server_default='', nullable=False))
    op.add_column('media', sa.Column('decorative', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('media', sa.Column('focal_x', sa.Integer(), server_default='50', nullable=False))
    op.add_column('media', sa.Column('focal_y', sa.Integer(), server_default='50', nullable=False))
    op.add_column('media', sa.Column('exif', sa.JSON(), server_default='{}', nullable=False))
    op.add_column('media', sa.Column('replaced_key', sa.String(length=200), nullable=True))
    op.create_index('ix_media_replaced_key', 'media', ['replaced_key'], sqlite_where=sa.text('replaced_key IS NOT NULL'), postgresql_where=sa.text('replaced_key IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_media_replaced_key', 'media')
    for name in ('replaced_key', 'exif', 'focal_y', 'focal_x', 'decorative', 'credit'):
        op.drop_column('media', name)
