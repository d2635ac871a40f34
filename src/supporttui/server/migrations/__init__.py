"""The desk's schema, step by step; run by `database.open_database`."""
