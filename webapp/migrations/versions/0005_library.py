"""the library in one index, the trash in another"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

LIBRARY = sa.text('deleted_at IS NULL')
TRASH = sa.text('deleted_at IS NOT NULL')


def upgrade() -> None:
    op.drop_index('ix_media_library', table_name='media')
    op.create_index('ix_media_library', 'media', ['created_at', 'id'], unique=False, sqlite_where=LIBRARY, postgresql_where=LIBRARY)
    op.create_index('ix_media_trash', 'media', ['deleted_at', 'id'], unique=False, sqlite_where=TRASH, postgresql_where=TRASH)


def downgrade() -> None:
    op.drop_index('ix_media_trash', table_name='media')
    op.drop_index('ix_media_library', table_name='media')
    op.create_index('ix_media_library', 'media', ['deleted_at', 'created_at', 'id'], unique=False)
