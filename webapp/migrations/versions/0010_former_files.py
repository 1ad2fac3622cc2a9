"""former files"""

import sqlalchemy as sa
from alembic import op


import webapp.database

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('former_files',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('media_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('storage_key', sa.String(length=200), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('mime_type', sa.String(length=50), nullable=False),
    sa.Column('filesize', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('is_copy', sa.Boolean(), nullable=False),
    sa.Column('exif', sa.JSON(), nullable=False),
    sa.Column('replaced_at', webapp.database.Moment(), nullable=False),
    sa.Column('kept_until', webapp.database.Moment(), nullable=False),
    sa.ForeignKeyConstraint(['media_id'], ['media.id'], name=op.f('fk_former_files_media_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_former_files')),
    sa.UniqueConstraint('storage_key', name=op.f('uq_former_files_storage_key')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_former_files_media_id'), 'former_files', ['media_id'])
    op.create_index(op.f('ix_former_files_kept_until'), 'former_files', ['kept_until'])


def downgrade() -> None:
    op.drop_table('former_files')
