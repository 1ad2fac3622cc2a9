"""Names, invites, when somebody was seen, and the audit log.

Revision ID: 0004
Revises: 0003

"""
from alembic import op
import sqlalchemy as sa
import webapp.database


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_log',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', webapp.database.Moment(), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('who', sa.String(length=254), nullable=False),
    sa.Column('verb', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.String(length=100), nullable=True),
    sa.Column('item', sa.String(length=100), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('address', sa.String(length=45), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_log')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_audit_log_at', 'audit_log', ['at'])
    op.create_index('ix_audit_log_subject', 'audit_log', ['subject', 'id'])
    op.create_index('ix_audit_log_user_id', 'audit_log', ['user_id', 'id'])
    op.create_index('ix_audit_log_item', 'audit_log', ['item', 'id'], sqlite_where=sa.text('item IS NOT NULL'), postgresql_where=sa.text('item IS NOT NULL'))
    op.create_table('invites',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', webapp.database.Moment(), nullable=False),
    sa.Column('expires_at', webapp.database.Moment(), nullable=False),
    sa.Column('used_at', webapp.database.Moment(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_invites_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invites'))
    )
    op.create_index(op.f('ix_invites_user_id'), 'invites', ['user_id'])

    # Columns are added as they are: to make a table anew would on SQLite delete what refers to it.
    op.add_column('users', sa.Column('full_name', sa.String(length=100), server_default='', nullable=False))
    op.add_column('users', sa.Column('seen_at', webapp.database.Moment(), nullable=True))
    op.add_column('sign_ins', sa.Column('seen_at', webapp.database.Moment(), nullable=True))
    op.add_column('sign_ins', sa.Column('address', sa.String(length=45), nullable=True))
    op.add_column('sign_ins', sa.Column('agent', sa.String(length=300), nullable=True))
    op.add_column('api_tokens', sa.Column('name', sa.String(length=100), server_default='', nullable=False))
    op.add_column('api_tokens', sa.Column('seen_at', webapp.database.Moment(), nullable=True))


def downgrade() -> None:
    op.drop_column('api_tokens', 'seen_at')
    op.drop_column('api_tokens', 'name')
    op.drop_column('sign_ins', 'agent')
    op.drop_column('sign_ins', 'address')
    op.drop_column('sign_ins', 'seen_at')
    op.drop_column('users', 'seen_at')
    op.drop_column('users', 'full_name')
    op.drop_table('invites')
    op.drop_table('audit_log')
