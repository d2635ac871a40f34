"""The Zendesk API's types and words, shared by the client and the embedded server."""
