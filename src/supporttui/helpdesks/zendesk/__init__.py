"""The Zendesk Support API v2: its wire types and a client."""
