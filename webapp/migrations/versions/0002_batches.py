"""Batches of uploads, and which items an editor touched.

Revision ID: 0002
Revises: 0001

"""
from alembic import op
import sqlalchemy as sa
import webapp.database


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('batches',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('planned', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', webapp.database.Moment(), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_batches_created_by'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches')),
    sa.UniqueConstraint('key', name=op.f('uq_batches_key')),
    sqlite_autoincrement=True
    )
    op.create_table('batch_files',
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('fate', sa.String(length=10), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('media_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', webapp.database.Moment(), nullable=False),
    sa.CheckConstraint("fate IN ('uploaded', 'duplicate', 'restored', 'rejected')", name=op.f('ck_batch_files_fate')),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_batch_files_batch_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['media_id'], ['media.id'], name=op.f('fk_batch_files_media_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_batch_files'))
    )
    op.create_index('ix_batch_files_media_id', 'batch_files', ['media_id'])

    # Columns are added as they are: to make a table anew would on SQLite delete what refers to it.
    op.add_column('media', sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.add_column('media', sa.Column('synced_at', webapp.database.Moment(), nullable=True))
    op.create_index('ix_media_batch_id', 'media', ['batch_id', 'id'], sqlite_where=sa.text('batch_id IS NOT NULL'), postgresql_where=sa.text('batch_id IS NOT NULL'))
    op.create_index('ix_media_unsynced', 'media', ['batch_id', 'id'], sqlite_where=sa.text('synced_at IS NULL'), postgresql_where=sa.text('synced_at IS NULL'))
    op.add_column('items', sa.Column('touched', sa.Boolean(), server_default=sa.false(), nullable=False))

    op.execute("""
        UPDATE media SET synced_at = created_at WHERE NOT EXISTS (
            SELECT 1 FROM jobs WHERE jobs.subject = 'media:' || media.id
            AND jobs.task_slug = 'syncMediaToGalleries' AND jobs.status <> 'succeeded'
        )
    """)
    op.execute("UPDATE items SET touched = hidden")


def downgrade() -> None:
    op.drop_column('items', 'touched')
    op.drop_index('ix_media_unsynced', 'media')
    op.drop_index('ix_media_batch_id', 'media')
    op.drop_column('media', 'synced_at')
    op.drop_column('media', 'batch_id')
    op.drop_table('batch_files')
    op.drop_table('batches')
