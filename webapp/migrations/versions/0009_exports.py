"""exports"""

import sqlalchemy as sa
from alembic import op


import webapp.database

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('exports',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('form', sa.String(length=3), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('choice', sa.String(length=64), nullable=False),
    sa.Column('planned', sa.Integer(), nullable=False),
    sa.Column('planned_bytes', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('done_bytes', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('missing', sa.Integer(), nullable=False),
    sa.Column('storage_key', sa.String(length=200), nullable=True),
    sa.Column('filesize', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kept_until', webapp.database.Moment(), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', webapp.database.Moment(), nullable=False),
    sa.CheckConstraint("form IN ('zip', 'csv')", name=op.f('ck_exports_form')),
    sa.CheckConstraint('(storage_key IS NULL) = (kept_until IS NULL)', name=op.f('ck_exports_file_is_kept_until')),
    sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_exports_created_by'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exports')),
    sa.UniqueConstraint('storage_key', name=op.f('uq_exports_storage_key')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_exports_created_by_id', 'exports', ['created_by', 'id'])
    op.create_table('export_media',
    sa.Column('export_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('media_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['export_id'], ['exports.id'], name=op.f('fk_export_media_export_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('export_id', 'media_id', name=op.f('pk_export_media')),
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_table('export_media')
    op.drop_table('exports')
