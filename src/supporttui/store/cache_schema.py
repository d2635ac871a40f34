"""The cache's tables, indexes and triggers."""

from typing import Final

BUCKET_BITS: Final = 33
"""Sort keys that agree above this bit, which are 2.4 hours of microseconds, are counted together in `pane_count`."""

CACHE_SCHEMA: Final = (
    # Ids of tickets are in the form of `stored_id`. The number of a ticket is its row in the full-text index.
    # A `_key` is a text for comparing: folded, without regard to case and accents. So are tags.
    "CREATE TABLE revision (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL)",
    "INSERT INTO revision VALUES (1, 0)",
    "CREATE TABLE begun (only INTEGER PRIMARY KEY CHECK (only = 1), identity BLOB NOT NULL)",
    "INSERT INTO begun VALUES (1, randomblob(16))",
    """CREATE TABLE ticket (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL,
        order_generation INTEGER NOT NULL, version TEXT NOT NULL, status TEXT NOT NULL,
        is_live INTEGER NOT NULL, assignee_id INTEGER, group_key TEXT, requester_id INTEGER NOT NULL,
        severity INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        status_changed_at INTEGER, customer_wrote_at INTEGER, waiting_since INTEGER, replied_at INTEGER,
        closed_at INTEGER,
        sort_group INTEGER NOT NULL, sort_key INTEGER NOT NULL, drifts INTEGER NOT NULL, record BLOB NOT NULL
    )""",
    "CREATE INDEX ticket_by_revision ON ticket (revision)",
    "CREATE INDEX ticket_by_generation ON ticket (order_generation)",
    "CREATE INDEX ticket_by_pane ON ticket (status, sort_group, sort_key, id) WHERE is_live",
    "CREATE INDEX ticket_by_assignee ON ticket (assignee_id, status, sort_group, sort_key, id) WHERE is_live",
    "CREATE INDEX ticket_by_requester ON ticket (requester_id, created_at, id) WHERE is_live",
    "CREATE INDEX ticket_by_group ON ticket (group_key, status) WHERE is_live",
    "CREATE INDEX ticket_by_severity ON ticket (severity, status) WHERE is_live",
    "CREATE INDEX ticket_by_creation ON ticket (created_at, id)",
    "CREATE INDEX ticket_drifting ON ticket (number) WHERE drifts",
    "CREATE TABLE tag (tag TEXT NOT NULL, ticket_id TEXT NOT NULL, PRIMARY KEY (tag, ticket_id)) WITHOUT ROWID",
    "CREATE INDEX tag_by_ticket ON tag (ticket_id)",
    """CREATE VIRTUAL TABLE ticket_text USING fts5(
        subject, conversation, tokenize = 'unicode61 remove_diacritics 2'
    )""",
    # Counting 100,000 index entries takes 15 ms, adding up a few thousand counts takes 1 ms.
    """CREATE TABLE pane_count (
        status TEXT NOT NULL, sort_group INTEGER NOT NULL, bucket INTEGER NOT NULL, tickets INTEGER NOT NULL,
        PRIMARY KEY (status, sort_group, bucket)
    ) WITHOUT ROWID""",
    """CREATE TRIGGER ticket_added AFTER INSERT ON ticket WHEN new.is_live BEGIN
        INSERT INTO pane_count VALUES (new.status, new.sort_group, new.sort_key >> 33, 1)
        ON CONFLICT DO UPDATE SET tickets = tickets + 1;
    END""",
    """CREATE TRIGGER ticket_left_place AFTER UPDATE ON ticket WHEN old.is_live AND
        (old.status, old.sort_group, old.sort_key, old.is_live)
        <> (new.status, new.sort_group, new.sort_key, new.is_live)
    BEGIN
        UPDATE pane_count SET tickets = tickets - 1
        WHERE status = old.status AND sort_group = old.sort_group AND bucket = old.sort_key >> 33;
        DELETE FROM pane_count
        WHERE status = old.status AND sort_group = old.sort_group AND bucket = old.sort_key >> 33 AND tickets = 0;
    END""",
    """CREATE TRIGGER ticket_took_place AFTER UPDATE ON ticket WHEN new.is_live AND
        (old.status, old.sort_group, old.sort_key, old.is_live)
        <> (new.status, new.sort_group, new.sort_key, new.is_live)
    BEGIN
        INSERT INTO pane_count VALUES (new.status, new.sort_group, new.sort_key >> 33, 1)
        ON CONFLICT DO UPDATE SET tickets = tickets + 1;
    END""",
    """CREATE TRIGGER ticket_dropped AFTER DELETE ON ticket WHEN old.is_live BEGIN
        UPDATE pane_count SET tickets = tickets - 1
        WHERE status = old.status AND sort_group = old.sort_group AND bucket = old.sort_key >> 33;
        DELETE FROM pane_count
        WHERE status = old.status AND sort_group = old.sort_group AND bucket = old.sort_key >> 33 AND tickets = 0;
    END""",
    """CREATE TABLE person (
        id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, name_key TEXT NOT NULL, email_key TEXT NOT NULL,
        organization_key TEXT, organization TEXT, record BLOB NOT NULL
    )""",
    "CREATE INDEX person_by_revision ON person (revision)",
    "CREATE INDEX person_by_organization ON person (organization) WHERE organization IS NOT NULL",
    "CREATE TABLE conversation (ticket_id TEXT PRIMARY KEY, version TEXT NOT NULL, record BLOB NOT NULL)",
    "CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL)",
    "CREATE TABLE read_mark (ticket_id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    # What the desk's own search has found, by the text of the query; `is_only_found` of tickets not known before.
    """CREATE TABLE found_on_desk (
        query TEXT NOT NULL, ticket_id TEXT NOT NULL, found_at INTEGER NOT NULL, is_only_found INTEGER NOT NULL,
        PRIMARY KEY (query, ticket_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX found_by_ticket ON found_on_desk (ticket_id)",
)
