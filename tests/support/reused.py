"""One PostgreSQL database for one test after the other: to empty it takes a few milliseconds, another copy fifty."""

from __future__ import annotations

from typing import Any

import psycopg

KEPT = "('alembic_version', 'sweep_state')"  # what a migrated database holds
TABLES = f"""
    SELECT quote_ident(relname), pg_relation_size(oid) > 200000 FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT IN {KEPT}
"""
SCHEMA = "SELECT count(*), sum(oid::bigint), sum(relnatts) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
OF_GENERATIONS = "SELECT quote_ident(tablename) FROM pg_tables WHERE tablename LIKE 'search\\_vectors\\_%'"
LET_GO = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
COUNT_FROM_1 = "SELECT setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences"
SWEEP_AS_NEW = "DELETE FROM sweep_state; INSERT INTO sweep_state (id) VALUES (1)"


class ReusedDatabase:
    def __init__(self, url: str) -> None:
        self.url = url
        with self._connect() as connection:
            self.schema = self._schema(connection)

    def empty(self) -> bool:
        """Make it as new; False when a test has changed its tables, and a new one is needed."""
        with self._connect() as connection:
            connection.execute(LET_GO)
            for (name,) in connection.execute(OF_GENERATIONS).fetchall():
                connection.execute(f"DROP TABLE {name}")  # made and dropped all the time, by whoever builds an index
            if self._schema(connection) != self.schema:
                return False
            tables = connection.execute(TABLES).fetchall()
            connection.execute("SET session_replication_role = replica")  # no need to follow the foreign keys
            connection.execute("; ".join([*(f"DELETE FROM {name}" for name, _ in tables), SWEEP_AS_NEW]))
            connection.execute(COUNT_FROM_1)
            if large := [name for name, is_large in tables if is_large]:
                connection.execute(f"TRUNCATE {', '.join(large)} CASCADE")  # what was deleted takes room
        return True

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True)

    def _schema(self, connection: psycopg.Connection[Any]) -> Any:
        return connection.execute(SCHEMA).fetchone()
