"""where the vectors of a generation are

Revision ID: 0017
Revises: 0016

"""
from alembic import op
import sqlalchemy as sa


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In one: SQLite would make the table anew for a constraint of its own, and so lose all that hangs on its rows.
    op.execute("""
        ALTER TABLE search_generations ADD COLUMN store VARCHAR(20) DEFAULT 'database' NOT NULL
        CONSTRAINT ck_search_generations_store CHECK (store IN ('database', 'pgvector', 'upstash'))
    """)
    if op.get_bind().dialect.name != 'sqlite':
        ask_for_vectors()


def ask_for_vectors() -> None:
    """Where nobody lets us, vectors are compared in memory; `flask doctor` says what to do."""
    try:
        with op.get_bind().begin_nested():
            op.execute('CREATE EXTENSION IF NOT EXISTS vector')
    except sa.exc.DBAPIError:  # the role may not, or the server has none
        pass


def downgrade() -> None:
    """The version before knows of vectors in rows only: it builds the index anew with the first document."""
    op.execute("DELETE FROM search_generations WHERE store != 'database'")
    if op.get_bind().dialect.name != 'sqlite':
        for name in sa.inspect(op.get_bind()).get_table_names():
            if name.startswith('search_vectors_'):
                op.drop_table(name, if_exists=True)  # a part goes with its table
    op.drop_column('search_generations', 'store')
