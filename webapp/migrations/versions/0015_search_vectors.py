"""the index for search by meaning"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('search_generations',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('model', sa.String(length=200), nullable=False),
    sa.Column('dims', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('changes', BIG_ID, nullable=False),
    sa.Column('created_at', webapp.database.Moment(), nullable=False),
    sa.Column('activated_at', webapp.database.Moment(), nullable=True),
    sa.CheckConstraint("state IN ('building', 'active', 'retired')", name=op.f('ck_search_generations_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_generations')),
    sqlite_autoincrement=True
    )
    for state in ('active', 'building'):
        where = sa.text(f"state = '{state}'")
        op.create_index(f'uq_search_generations_{state}', 'search_generations', ['state'], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table('search_documents',
    sa.Column('generation_id', BIG_ID, nullable=False),
    sa.Column('collection', sa.String(length=50), nullable=False),
    sa.Column('doc_id', BIG_ID, nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('chunks', sa.Integer(), nullable=False),
    sa.Column('change', BIG_ID, nullable=False),
    sa.Column('indexed_at', webapp.database.Moment(), nullable=False),
    sa.ForeignKeyConstraint(['generation_id'], ['search_generations.id'], name=op.f('fk_search_documents_generation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('generation_id', 'collection', 'doc_id', name=op.f('pk_search_documents'))
    )
    op.create_index('ix_search_documents_change', 'search_documents', ['generation_id', 'change'])
    op.create_table('search_chunks',
    sa.Column('generation_id', BIG_ID, nullable=False),
    sa.Column('id', sa.String(length=100), nullable=False),
    sa.Column('collection', sa.String(length=50), nullable=False),
    sa.Column('doc_id', BIG_ID, nullable=False),
    sa.Column('chunk', sa.Integer(), nullable=False),
    sa.Column('heading', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('model', sa.String(length=200), nullable=False),
    sa.Column('dims', sa.Integer(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['generation_id'], ['search_generations.id'], name=op.f('fk_search_chunks_generation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('generation_id', 'id', name=op.f('pk_search_chunks'))
    )
    op.create_index('ix_search_chunks_document', 'search_chunks', ['generation_id', 'collection', 'doc_id', 'chunk'])


def downgrade() -> None:
    op.drop_table('search_chunks')
    op.drop_table('search_documents')
    op.drop_table('search_generations')
