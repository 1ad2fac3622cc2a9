"""One PostgreSQL database for one test after the other: to empty it takes two milliseconds of a processor, another copy
sixty, and to connect to it twenty more until the first statements are answered."""

from __future__ import annotations

from typing import Any

import psycopg

KEPT = "('alembic_version', 'sweep_state')"  # what a migrated database holds
TABLES = f"""
    SELECT quote_ident(relname), pg_relation_size(oid) > 200000 FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT IN {KEPT}
"""
SCHEMA = "SELECT count(*), sum(oid::bigint), sum(relnatts) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
OIDS = "SELECT array_agg(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
OTHERS = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND oid <> ALL(%s)
"""
LET_GO = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
COUNT_FROM_1 = "SELECT setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences"
SWEEP_AS_NEW = "DELETE FROM sweep_state; INSERT INTO sweep_state (id) VALUES (1)"


class ReusedDatabase:
    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = self._connect()
        self.schema = self._schema()
        (self.oids,) = self.connection.execute(OIDS).fetchone()

    def empty(self) -> bool:
        """Make it as new; False when a test has changed its tables, and a new one is needed."""
        self._let_go()
        for (name,) in self.connection.execute(OTHERS, [self.oids]).fetchall():
            # Of a test itself, or of an index that it built; its parts go with a table.
            self.connection.execute(f"DROP TABLE IF EXISTS {name} CASCADE")
        if self._schema() != self.schema:
            self.connection.close()
            return False
        tables = self.connection.execute(TABLES).fetchall()
        self.connection.execute("SET session_replication_role = replica")  # no need to follow the foreign keys
        self.connection.execute("; ".join([*(f"DELETE FROM {name}" for name, _ in tables), SWEEP_AS_NEW]))
        self.connection.execute(COUNT_FROM_1)
        if large := [name for name, is_large in tables if is_large]:
            self.connection.execute(f"TRUNCATE {', '.join(large)} CASCADE")  # what was deleted takes room
        return True

    def _let_go(self) -> None:
        """End everybody else's connections. Ours is lost when a test has let the server crash."""
        try:
            self.connection.execute(LET_GO)
        except psycopg.OperationalError:
            self.connection = self._connect()
            self.connection.execute(LET_GO)

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True)

    def _schema(self) -> Any:
        return self.connection.execute(SCHEMA).fetchone()
