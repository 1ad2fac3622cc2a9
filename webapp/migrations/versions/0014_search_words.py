"""The words of everything that is searched, and what finds them: FTS5 on SQLite, GIN indexes on PostgreSQL.

Revision ID: 0014
Revises: 0013

"""
from alembic import op
import sqlalchemy as sa


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

# Triggers, because they see the old words too, which an index over a table of its own must be told to forget.
ON_SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5"
    " (title, text, content=search_texts, content_rowid=id, tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    "CREATE VIRTUAL TABLE search_parts USING fts5"
    " (title, text, content=search_texts, content_rowid=id, tokenize='trigram')",
    "CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab (search_words, 'row')",
    *(
        f"CREATE TRIGGER search_texts_{event.split()[0].lower()} AFTER {event} ON search_texts BEGIN {steps} END"
        for event, steps in (
            ('INSERT', ''.join(f'INSERT INTO {name} (rowid, title, text) VALUES (new.id, new.title, new.text);'
                               for name in ('search_words', 'search_parts'))),
            ('DELETE', ''.join(f"INSERT INTO {name} ({name}, rowid, title, text)"
                               f" VALUES ('delete', old.id, old.title, old.text);"
                               for name in ('search_words', 'search_parts'))),
            ('UPDATE OF title, text', ''.join(
                f"INSERT INTO {name} ({name}, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);"
                f'INSERT INTO {name} (rowid, title, text) VALUES (new.id, new.title, new.text);'
                for name in ('search_words', 'search_parts'))),
        )
    ),
)

# Without accents, and with spaces for what PostgreSQL would read as parts of file names, hosts and numbers.
BETWEEN_WORDS = r'[!-/:-@\[-`{-~\u00a0-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u2bff\u3000-\u303f\ufe00-\ufe0f\uff00-\uff0f\U0001f000-\U0001faff]+'
PLAIN = r"regexp_replace(regexp_replace(normalize(TEXT, NFKD), '[\u0300-\u036f]+', '', 'g'), '" + BETWEEN_WORDS + "', ' ', 'g')"
WORDS = ' || '.join(f"setweight(to_tsvector('simple', {PLAIN.replace('TEXT', name)}), '{weight}')" for name, weight in (('title', 'A'), ('text', 'B')))

ON_POSTGRESQL = (
    # 'simple': nobody says in which language a caption is, and half a word finds the others of its family as well.
    f'ALTER TABLE search_texts ADD COLUMN words tsvector GENERATED ALWAYS AS ({WORDS}) STORED',
    r"ALTER TABLE search_texts ADD COLUMN parts text GENERATED ALWAYS AS (lower(title || E'\n' || text)) STORED",
    'CREATE INDEX ix_search_texts_words ON search_texts USING gin (words) WITH (gin_pending_list_limit = 256)',
    # The same word may be here twice, as no transaction waits for another because of it.
    'CREATE TABLE search_vocabulary (word text COLLATE "C" NOT NULL)',
    'CREATE INDEX ix_search_vocabulary_word ON search_vocabulary (word)',
)
PARTS = 'CREATE INDEX ix_search_texts_parts ON search_texts USING gin (parts gin_trgm_ops) WITH (gin_pending_list_limit = 256)'


def upgrade() -> None:
    op.create_table('search_texts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('collection', sa.String(length=20), nullable=False),
    sa.Column('doc_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_texts')),
    )
    op.create_index('uq_search_texts_collection_doc_id', 'search_texts', ['collection', 'doc_id'], unique=True)
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    for statement in ON_SQLITE if on_sqlite else ON_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)
    if not on_sqlite and has_trigrams():
        op.execute(PARTS)
    fill(on_sqlite)


def has_trigrams() -> bool:
    """Whether parts of words can be indexed. Where nobody let us, they are found all the same, but slower."""
    there = "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"
    try:
        with op.get_bind().begin_nested():
            op.execute('CREATE EXTENSION IF NOT EXISTS pg_trgm')
    except sa.exc.DBAPIError:  # the role may not, or the server has none; `flask doctor` says what to do
        pass
    return bool(op.get_bind().scalar(sa.text(there)))


def fill(on_sqlite: bool) -> None:
    """With the pictures and pages that there are, as webapp/models/searchable_… reads them."""
    joined = 'group_concat' if on_sqlite else 'string_agg'
    newline, blank_line = ('char(10)', 'char(10) || char(10)') if on_sqlite else (r"E'\n'", r"E'\n\n'")
    op.execute(f"""
        INSERT INTO search_texts (id, collection, doc_id, title, text)
        SELECT 1099511627776 + id, 'media', id, CASE WHEN alt != '' THEN alt ELSE filename END,
            caption || {newline} || coalesce((SELECT {joined}(tag, {newline}) FROM
                (SELECT tag FROM media_tags WHERE media_id = media.id ORDER BY tag) AS tags), '') || {newline} || filename
        FROM media
    """)
    op.execute(f"""
        INSERT INTO search_texts (id, collection, doc_id, title, text)
        SELECT 2 * 1099511627776 + id, 'pages', id, title, coalesce((SELECT {joined}(part, {blank_line}) FROM
            (SELECT CASE WHEN title != '' THEN '## ' || title || {blank_line} ELSE '' END || body AS part FROM blocks
             WHERE page_id = pages.id AND (title != '' OR body != '') ORDER BY position, id) AS parts), '')
        FROM pages
    """)
    if not on_sqlite:
        op.execute(r"""
            INSERT INTO search_vocabulary (word) SELECT DISTINCT word FROM search_texts,
            unnest(tsvector_to_array(words)) AS word WHERE word ~ '^[^0-9]{3,40}$'
        """)


def downgrade() -> None:
    for name in ('search_vocabulary', *(('search_words', 'search_parts') if op.get_bind().dialect.name == 'sqlite' else ())):
        op.drop_table(name)
    op.drop_table('search_texts')
