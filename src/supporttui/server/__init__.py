"""The embedded help desk: the Zendesk-compatible API over a database."""
