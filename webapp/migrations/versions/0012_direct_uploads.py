"""uploads that browsers put into the bucket themselves"""

import sqlalchemy as sa
from alembic import op


import webapp.database

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('direct_uploads',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('storage_key', sa.String(length=200), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('mime_type', sa.String(length=50), nullable=False),
    sa.Column('filesize', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('alt', sa.Text(), nullable=False),
    sa.Column('caption', sa.Text(), nullable=False),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('allow_duplicate', sa.Boolean(), nullable=False),
    sa.Column('gallery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('batch_number', sa.Integer(), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', webapp.database.Moment(), nullable=False),
    sa.Column('completed_at', webapp.database.Moment(), nullable=True),
    sa.Column('settled_at', webapp.database.Moment(), nullable=True),
    sa.Column('fate', sa.String(length=10), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('media_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('(settled_at IS NULL) = (fate IS NULL)', name=op.f('ck_direct_uploads_settled_with_a_fate')),
    sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_direct_uploads_created_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['media_id'], ['media.id'], name=op.f('fk_direct_uploads_media_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_direct_uploads')),
    sa.UniqueConstraint('storage_key', name=op.f('uq_direct_uploads_storage_key')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_direct_uploads_created_at', 'direct_uploads', ['created_at'])
    op.create_index(op.f('ix_direct_uploads_media_id'), 'direct_uploads', ['media_id'])


def downgrade() -> None:
    op.drop_table('direct_uploads')
