"""Which galleries have a rule: each sync asks."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with_rule = sa.text('rule IS NOT NULL')
    op.create_index('ix_blocks_with_rule', 'blocks', ['id'], sqlite_where=with_rule, postgresql_where=with_rule)


def downgrade() -> None:
    op.drop_index('ix_blocks_with_rule', 'blocks')
