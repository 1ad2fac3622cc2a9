"""Picture blocks, and who put a page into the trash.

Revision ID: 0008
Revises: 0003

"""
from alembic import op
import sqlalchemy as sa


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

TWO_TYPES = "CHECK (type IN ('text', 'gallery'))"
THREE_TYPES = "CHECK (type IN ('text', 'gallery', 'picture'))"


def upgrade() -> None:
    change_check('blocks', 'ck_blocks_type', TWO_TYPES, THREE_TYPES)
    add_reference('blocks', 'media_id', 'media', before='CONSTRAINT ck_blocks_type')
    add_reference('pages', 'deleted_by', 'users', before='CONSTRAINT ck_pages_status')
    op.create_index('ix_blocks_media_id', 'blocks', ['media_id'], sqlite_where=sa.text('media_id IS NOT NULL'), postgresql_where=sa.text('media_id IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_blocks_media_id', 'blocks')
    drop_reference('pages', 'deleted_by', 'users')
    drop_reference('blocks', 'media_id', 'media')
    op.execute("DELETE FROM blocks WHERE type = 'picture'")
    change_check('blocks', 'ck_blocks_type', THREE_TYPES, TWO_TYPES)


def change_check(table: str, name: str, old: str, new: str) -> None:
    if on_sqlite():
        return rewrite(table, old, new)
    op.execute(f'ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {new}')


def add_reference(table: str, column: str, to: str, *, before: str) -> None:
    op.add_column(table, sa.Column(column, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    if on_sqlite():
        return rewrite(table, before, f'{reference(table, column, to)}, {before}')
    op.execute(f'ALTER TABLE {table} ADD {reference(table, column, to)}')


def drop_reference(table: str, column: str, to: str) -> None:
    if on_sqlite():
        rewrite(table, f'{reference(table, column, to)}, ', '')
    op.drop_column(table, column)


def reference(table: str, column: str, to: str) -> str:
    return f'CONSTRAINT fk_{table}_{column} FOREIGN KEY({column}) REFERENCES {to} (id) ON DELETE SET NULL'


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == 'sqlite'


def rewrite(table: str, old: str, new: str) -> None:
    """SQLite changes no constraint of a table that is there, and to make it anew would delete what refers to it.

    So its text is changed where SQLite keeps it: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql('PRAGMA schema_version').scalar_one()
    connection.exec_driver_sql('PRAGMA writable_schema=ON')
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?) > 0",
        (old, new, table, old),
    )
    if changed.rowcount != 1:
        raise RuntimeError(f'The table {table} has no {old}')
    connection.exec_driver_sql(f'PRAGMA schema_version={version + 1}')
    connection.exec_driver_sql('PRAGMA writable_schema=RESET')
